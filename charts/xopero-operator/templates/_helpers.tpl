{{- define "xopero-operator.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- /* The name of everything; of the Lease, too. */}}
{{- define "xopero-operator.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride }}
{{- else }}
{{- $name := include "xopero-operator.name" . }}
{{- if regexMatch "^[0-9]" .Release.Name }}
{{- fail (printf "no Service may have a name that begins with a digit, as the release %s does: write fullnameOverride" .Release.Name) }}
{{- end }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | replace "." "-" | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | replace "." "-" | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}

{{- define "xopero-operator.namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride }}
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
  namespace: {{ include "xopero-operator.namespace" . | quote }}
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

{{- /* The variables that the chart sets, or whose arguments it writes, and what to write instead. */}}
{{- define "xopero-operator.ownVariables" -}}
POD_NAME: each pod has its own
POD_NAMESPACE: write namespaceOverride
HTTPS_PROXY: write proxy or proxySecret, which keep the API server out of it
https_proxy: write proxy or proxySecret, which keep the API server out of it
NO_PROXY: write noProxy
no_proxy: write noProxy
XOPERO_LEADER_ELECTION: it is always on
XOPERO_LEASE_NAME: write fullnameOverride
XOPERO_LISTEN: it is always port 8080
XOPERO_LOG_FORMAT: write log.format
XOPERO_LOG_LEVEL: write log.level
XOPERO_DRAIN_TIMEOUT: write drainSeconds
XOPERO_WATCH_NAMESPACE: write watchNamespaces
XOPERO_ALLOWED_HOSTS: write allowedHosts
{{- if .Values.wireNames }}
XOPERO_WIRE_NAMES: write wireNames
{{- end }}
{{- if or .Values.extraCABundle.pem .Values.extraCABundle.configMap }}
XOPERO_EXTRA_CA_BUNDLE: write extraCABundle
{{- end }}
{{- end }}
