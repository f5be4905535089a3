{{- define "xopero-operator.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- /* The name of everything; of the Lease, too. */}}
{{- define "xopero-operator.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride }}
{{- else }}
{{- $name := include "xopero-operator.name" . }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | replace "." "-" | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | replace "." "-" | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}

{{- /* By these a Deployment finds its pods: they never change. */}}
{{- define "xopero-operator.selectorLabels" -}}
app.kubernetes.io/name: {{ include "xopero-operator.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{- define "xopero-operator.labels" -}}
{{- $own := fromYaml (include "xopero-operator.selectorLabels" .) }}
{{- $_ := set $own "app.kubernetes.io/version" .Chart.AppVersion }}
{{- $_ := set $own "app.kubernetes.io/part-of" "xopero-operator" }}
{{- $_ := set $own "app.kubernetes.io/managed-by" .Release.Service }}
{{- $_ := set $own "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-") }}
{{- merge $own .Values.commonLabels | toYaml }}
{{- end }}

{{- define "xopero-operator.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "xopero-operator.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- required "serviceAccount.create is false, so name the account that exists in serviceAccount.name" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "xopero-operator.image" -}}
{{- with .Values.image }}
{{- if .digest }}
{{- printf "%s@%s" .repository .digest }}
{{- else }}
{{- printf "%s:%s" .repository (default $.Chart.AppVersion .tag) }}
{{- end }}
{{- end }}
{{- end }}

{{- /* What the operator reads from files; empty where it reads none. */}}
{{- define "xopero-operator.files" -}}
{{- $files := dict }}
{{- if .Values.wireNames }}
{{- $_ := set $files "wire-names.yaml" (toYaml .Values.wireNames | printf "%s\n") }}
{{- end }}
{{- if .Values.extraCABundle.pem }}
{{- $_ := set $files "ca.crt" .Values.extraCABundle.pem }}
{{- end }}
{{- if $files }}
{{- toYaml $files }}
{{- end }}
{{- end }}

{{- /* Whom a role is given to. */}}
{{- define "xopero-operator.subjects" -}}
- kind: ServiceAccount
  name: {{ include "xopero-operator.serviceAccountName" . | quote }}
  namespace: {{ .Release.Namespace | quote }}
{{- end }}

{{- /* The ports that lead to the proxy: as written, or the one in its address. */}}
{{- define "xopero-operator.proxyPorts" -}}
{{- $ports := .Values.networkPolicy.proxy.ports }}
{{- if and (not $ports) .Values.proxy }}
{{- $address := urlParse .Values.proxy }}
{{- $written := regexFind ":[0-9]+$" $address.host | trimPrefix ":" }}
{{- $ports = list (default (eq $address.scheme "https" | ternary "443" "80") $written | int) }}
{{- end }}
{{- if not $ports }}
{{- fail "networkPolicy: the port of the proxy stands in a Secret, so write it in networkPolicy.proxy.ports, too, for example [3128]" }}
{{- end }}
{{- toYaml $ports }}
{{- end }}

{{- /* Of the definitions. Those that keep them, and so all that is declared, are nobody's to overwrite. */}}
{{- define "xopero-operator.definitionAnnotations" -}}
{{- $annotations := dict }}
{{- if .Values.crds.keep }}
{{- $annotations = dict "helm.sh/resource-policy" "keep" "argocd.argoproj.io/sync-options" "Prune=false,Delete=false" }}
{{- end }}
{{- with merge $annotations .Values.crds.annotations }}
{{- toYaml . }}
{{- end }}
{{- end }}
