import type { SettingView } from '../../../domain/settingsFacts.ts';

/** The texts of the page of the settings. */
export const texts = {
  title: 'Settings',
  under:
    'What this web process runs with. To change a setting, change the environment of the service and restart it. Each worker reads its own.',
  columns: { name: 'Setting', value: 'In force', source: 'From' },
  secretSet: 'Set, not shown',
  notSet: 'Not set',
  sources: {
    environment: 'Environment',
    file: 'File',
    default: 'Default',
    none: '',
  } satisfies Record<SettingView['source'], string>,
  changes: 'Changes of settings are in the audit',
} as const;
