{{- /* files/alerts.yaml as the values want it. */}}
{{- define "xopero-operator.alerts" -}}
{{- $values := .Values.metrics.alerts }}
{{- $pages := printf "%s/blob/v%s/docs/runbooks" .Chart.Home .Chart.Version }}
{{- if $values.runbookUrl }}
{{- $pages = trimSuffix "/" $values.runbookUrl }}
{{- end }}
{{- $names := list }}
{{- $groups := list }}
{{- range (.Files.Get "files/alerts.yaml" | fromYaml).groups }}
{{- $rules := list }}
{{- range .rules }}
{{- $names = append $names .alert }}
{{- if not (has .alert $values.disabled) }}
{{- $severity := dict "severity" (get $values.severities .alert | default .labels.severity) }}
{{- $runbook := dict "runbook_url" (printf "%s/%s.md" $pages .alert) }}
{{- $labels := merge $severity $values.ruleLabels }}
{{- $annotations := merge $runbook .annotations }}
{{- $expr := .expr }}
{{- if eq .alert "XoperoOperatorDown" }}
{{- $expr = replace "xopero_operator_build_info" (print "xopero_operator_build_info" (include "xopero-operator.scrapedAs" $)) $expr }}
{{- end }}
{{- $rules = append $rules (merge (dict "expr" $expr "labels" $labels "annotations" $annotations) .) }}
{{- end }}
{{- end }}
{{- if $rules }}
{{- $groups = append $groups (dict "name" .name "rules" $rules) }}
{{- end }}
{{- end }}
{{- range concat $values.disabled (keys $values.severities) }}
{{- if not (has . $names) }}
{{- fail (printf "metrics.alerts: there is no alert %s, but %s" . (join ", " $names)) }}
{{- end }}
{{- end }}
{{- dict "groups" $groups | toYaml }}
{{- end }}

{{- /* The labels that tell this release from another: known only where a monitor of the chart finds its pods. */}}
{{- define "xopero-operator.scrapedAs" -}}
{{- $name := include "xopero-operator.fullname" . }}
{{- with .Values.metrics }}
{{- $namespace := include "xopero-operator.namespace" $ }}
{{- if .serviceMonitor.enabled }}
{{- printf "{namespace=%q, job=%q}" $namespace $name }}
{{- else if .podMonitor.enabled }}
{{- printf "{namespace=%q, job=%q}" $namespace (printf "%s/%s" (default $namespace .podMonitor.namespace) $name) }}
{{- end }}
{{- end }}
{{- end }}
