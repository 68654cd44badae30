{{- define "seedbed.name" -}}
{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- end }}

{{/* The name of what stands in namespaces or in the cluster beside that of other releases. */}}
{{- define "seedbed.ownName" -}}
{{ include "seedbed.name" . }}-{{ .Release.Namespace }}
{{- end }}

{{- define "seedbed.serviceAccount" -}}
{{ .Values.serviceAccount.name | default (include "seedbed.name" .) }}
{{- end }}

{{- define "seedbed.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}
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

{{/* The namespaces whose goals are decided; none with clusterWide. */}}
{{- define "seedbed.namespaces" -}}
{{- if .Values.clusterWide -}}
[]
{{- else -}}
{{ .Values.watchNamespaces | default (list .Release.Namespace) | toJson }}
{{- end }}
{{- end }}

{{/* What no schema can say: values that contradict each other. */}}
{{- define "seedbed.checks" -}}
{{- with .Values }}
{{- if and .clusterWide .watchNamespaces }}
{{- fail "watchNamespaces: clusterWide is true, which watches every namespace: leave one of them out" }}
{{- end }}
{{- if and .clusterWide .networkPolicies.enabled (not .networkPolicies.namespaces) }}
{{- fail "networkPolicies.namespaces: with clusterWide, name the namespaces that get policies, or set networkPolicies.enabled to false" }}
{{- end }}
{{- if and .networkPolicies.operator.enabled (not .networkPolicies.operator.apiServer) }}
{{- fail "networkPolicies.operator.apiServer: say where the API server is, such as [{to: [{ipBlock: {cidr: 10.0.0.1/32}}], ports: [{port: 6443}]}]" }}
{{- end }}
{{- if and .metrics.podMonitor.enabled (not .metrics.port) }}
{{- fail "metrics.podMonitor.enabled: there is nothing to scrape while metrics.port is 0: write a port such as 9090" }}
{{- end }}
{{- end }}
{{- end }}
