{{- /* Generated from src/runtime/permissions.rs by cargo xtask generate. Do not edit. */}}

{{- define "xopero-operator.rules.cluster" -}}
- apiGroups:
  - xopero.dev
  resources:
  - xoperoconnections
  - xoperoorganizations
  - xoperobackupplans
  - xoperorepositories
  - xoperoazureprojects
  verbs:
  - get
  - list
  - watch
  - patch
- apiGroups:
  - xopero.dev
  resources:
  - xoperoconnections/status
  - xoperoorganizations/status
  - xoperobackupplans/status
  - xoperorepositories/status
  - xoperoazureprojects/status
  verbs:
  - patch
- apiGroups:
  - ""
  resources:
  - secrets
  - configmaps
  verbs:
  - get
- apiGroups:
  - ""
  resources:
  - namespaces
  verbs:
  - list
  - watch
- apiGroups:
  - events.k8s.io
  resources:
  - events
  verbs:
  - create
  - patch
{{- end }}

{{- define "xopero-operator.rules.namespaces" -}}
- apiGroups:
  - xopero.dev
  resources:
  - xoperoconnections
  - xoperoorganizations
  - xoperobackupplans
  - xoperorepositories
  - xoperoazureprojects
  verbs:
  - get
  - list
  - watch
  - patch
- apiGroups:
  - xopero.dev
  resources:
  - xoperoconnections/status
  - xoperoorganizations/status
  - xoperobackupplans/status
  - xoperorepositories/status
  - xoperoazureprojects/status
  verbs:
  - patch
- apiGroups:
  - ""
  resources:
  - secrets
  - configmaps
  verbs:
  - get
- apiGroups:
  - ""
  resources:
  - namespaces
  verbs:
  - get
- apiGroups:
  - events.k8s.io
  resources:
  - events
  verbs:
  - create
  - patch
{{- end }}

{{- define "xopero-operator.rules.lease" -}}
- apiGroups:
  - coordination.k8s.io
  resources:
  - leases
  verbs:
  - create
- apiGroups:
  - coordination.k8s.io
  resourceNames:
  - {{ include "xopero-operator.fullname" . | quote }}
  resources:
  - leases
  verbs:
  - get
  - update
{{- end }}

{{- define "xopero-operator.rules.view" -}}
- apiGroups:
  - xopero.dev
  resources:
  - xoperoconnections
  - xoperoorganizations
  - xoperobackupplans
  - xoperorepositories
  - xoperoazureprojects
  verbs:
  - get
  - list
  - watch
{{- end }}

{{- define "xopero-operator.rules.edit" -}}
- apiGroups:
  - xopero.dev
  resources:
  - xoperobackupplans
  - xoperorepositories
  - xoperoazureprojects
  verbs:
  - create
  - update
  - patch
  - delete
  - deletecollection
{{- end }}

{{- define "xopero-operator.rules.admin" -}}
- apiGroups:
  - xopero.dev
  resources:
  - xoperoconnections
  - xoperoorganizations
  verbs:
  - create
  - update
  - patch
  - delete
  - deletecollection
{{- end }}
