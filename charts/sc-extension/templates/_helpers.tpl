{{- define "sc.labels" -}}
app.kubernetes.io/name: sc-extension
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* What Pod Security's profile `restricted` asks of a pod. */}}
{{- define "sc.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{/* What it asks of a container; nothing of ours writes to its file system. */}}
{{- define "sc.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{- define "sc.placement" -}}
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{ toJson . }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{ toJson . }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{ toJson . }}
{{- end }}
{{- end }}

{{/*
The Job, in one place: Helm runs it as a hook at install and upgrade, the operator creates it from its ConfigMap when a
connection changes. `root` is the chart's scope, `arguments` what `sc job` is told.
*/}}
{{- define "sc.jobSpec" -}}
# An exit code of 1 is sc-job's own verdict on a connection; trying again at once would not change it. A killed or
# evicted pod is no verdict, so it is started again.
backoffLimit: 4
podFailurePolicy:
  rules:
    - action: Ignore
      onPodConditions: [{type: DisruptionTarget}]
    - action: FailJob
      onExitCodes: {containerName: sc-job, operator: In, values: [1]}
template:
  metadata:
    labels:
      {{- include "sc.labels" .root | nindent 6 }}
      app.kubernetes.io/component: sc-job
  spec:
    serviceAccountName: sc-job
    restartPolicy: Never
    enableServiceLinks: false
    securityContext: {{- include "sc.podSecurity" .root | nindent 6 }}
    {{- include "sc.placement" .root | nindent 4 }}
    containers:
      - name: sc-job
        image: {{ .root.Values.image | quote }}
        imagePullPolicy: {{ .root.Values.imagePullPolicy }}
        args: {{ toJson .arguments }}
        env:
          - {name: SC_LOG, value: {{ .root.Values.logLevel | quote }}}
        resources: {{- toYaml .root.Values.job.resources | nindent 10 }}
        securityContext: {{- include "sc.containerSecurity" .root | nindent 10 }}
{{- end }}
