{{- define "seedbed.name" -}}
{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- end }}

{{- define "seedbed.serviceAccount" -}}
{{ .Values.serviceAccount.name | default (include "seedbed.name" .) }}
{{- end }}

{{- define "seedbed.selector" -}}
app.kubernetes.io/name: seedbed-operator
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "seedbed.labels" -}}
{{ include "seedbed.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* The namespaces whose goals are decided. */}}
{{- define "seedbed.namespaces" -}}
{{ .Values.watchNamespaces | default (list .Release.Namespace) | toJson }}
{{- end }}

{{/* What the operator may do where it works: no Secret, no exec, no pod of its own making. */}}
{{- define "seedbed.rules" -}}
- apiGroups: [seedbed.dev]
  resources: [researchgoals, experiments]
  verbs: [get, list, watch, create, patch]
- apiGroups: [seedbed.dev]
  resources: [researchgoals/status, experiments/status]
  verbs: [get, patch, update]
- apiGroups: [batch]
  resources: [jobs]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [""]
  resources: [pods]
  verbs: [get, list, watch]
- apiGroups: [""]
  resources: [events]
  verbs: [list]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- end }}

{{/* The Lease that keeps a second operator waiting; `create` can't be narrowed to a name. */}}
{{- define "seedbed.leaseRules" -}}
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  verbs: [create]
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  resourceNames: [seedbed-operator]
  verbs: [get, list, watch, update]
{{- end }}
