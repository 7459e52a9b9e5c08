{{- define "kipu-referrals.labels" -}}
app.kubernetes.io/name: kipu-referrals
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "kipu-referrals.selector" -}}
app.kubernetes.io/name: kipu-referrals
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "kipu-referrals.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}

{{- define "kipu-referrals.env" -}}
{{- range $name, $value := .Values.settings }}
{{- if ne (toString $value) "" }}
- { name: {{ $name }}, value: {{ $value | quote }} }
{{- end }}
{{- end }}
{{- range $name, $key := .Values.secret.files }}
- { name: {{ $name }}, value: /run/secrets/kipu-referrals/{{ $key }} }
{{- end }}
{{- if .Values.instances.secretName }}
- { name: KIPU_INSTANCES_FILE, value: /run/secrets/kipu-instances/instances.json }
{{- end }}
{{- with .Values.web.url }}
- { name: WEB_URL, value: {{ . | quote }} }
- { name: WEB_TRUSTED_PROXIES, value: {{ required "web.trustedProxies: set it together with web.url" $.Values.web.trustedProxies | quote }} }
{{- end }}
{{- end }}

{{- define "kipu-referrals.container" -}}
image: {{ include "kipu-referrals.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
volumeMounts:
  - { name: secrets, mountPath: /run/secrets/kipu-referrals, readOnly: true }
  {{- if .Values.instances.secretName }}
  - { name: instances, mountPath: /run/secrets/kipu-instances, readOnly: true }
  {{- end }}
  - { name: tmp, mountPath: /tmp }
{{- end }}

{{- define "kipu-referrals.pod" -}}
automountServiceAccountToken: false
# A variable that Kubernetes makes of a service's name would be refused as an unknown setting.
enableServiceLinks: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{ toJson . }}
{{- end }}
securityContext: {{ toJson .Values.podSecurityContext }}
{{- with .Values.nodeSelector }}
nodeSelector: {{ toJson . }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{ toJson . }}
{{- end }}
volumes:
  - name: secrets
    secret: { secretName: {{ .Values.secret.name }}, defaultMode: 0440 }
  {{- if .Values.instances.secretName }}
  - name: instances
    secret: { secretName: {{ .Values.instances.secretName }}, defaultMode: 0440 }
  {{- end }}
  - name: tmp
    emptyDir: { medium: Memory, sizeLimit: 64Mi }
{{- end }}

{{- define "kipu-referrals.spread" -}}
topologySpreadConstraints:
  {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "kipu-referrals.selector" $ | nindent 8 }}
  {{- end }}
{{- end }}
