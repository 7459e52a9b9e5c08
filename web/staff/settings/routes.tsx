import type { FastifyInstance } from 'fastify';
import type { SettingView } from '../../../domain/settingsFacts.ts';
import { Panel, Title } from '../../ui/parts.tsx';
import type { StaffContext } from '../context.ts';
import { sendPage } from '../respond.ts';
import { texts } from './texts.ts';

/** Adds `GET /settings`, where administrators see what the service runs with. Secrets are never shown. */
export async function settingsRoutes(scope: FastifyInstance, staff: StaffContext): Promise<void> {
  scope.get('/settings', { config: { needs: 'administer' } }, (request, reply) =>
    sendPage(staff, request, reply, {
      ...{ title: texts.title, section: '/settings', shown: null },
      children: <SettingsPage settings={staff.settings()} />,
    }),
  );
}

function SettingsPage({ settings }: { settings: readonly SettingView[] }) {
  const groups = Map.groupBy(settings, ({ group }) => group);
  return (
    <>
      <Title text={texts.title} under={texts.under}>
        <a class="button" href="/audit?what=settings-changed">
          {texts.changes}
        </a>
      </Title>
      {[...groups].map(([group, all], at) => (
        <Panel key={group} title={group} id={`group-${at}`}>
          <Group name={group} settings={all} />
        </Panel>
      ))}
    </>
  );
}

function Group({ name, settings }: { name: string; settings: readonly SettingView[] }) {
  return (
    <table class="table">
      <caption class="hidden">{name}</caption>
      <thead>
        <tr>
          <th scope="col">{texts.columns.name}</th>
          <th scope="col">{texts.columns.value}</th>
          <th scope="col">{texts.columns.source}</th>
        </tr>
      </thead>
      <tbody>
        {settings.map((setting) => (
          <tr key={setting.name}>
            <td class="name">
              <code>{setting.name}</code>
              <span class="soft">{setting.text}</span>
            </td>
            <td data-label={texts.columns.value}>{shownValue(setting)}</td>
            <td class="nowrap" data-label={texts.columns.source}>
              {texts.sources[setting.source]}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function shownValue({ source, value }: SettingView) {
  if (source === 'none') return <span class="soft">{texts.notSet}</span>;
  return value === null ? texts.secretSet : <code>{value}</code>;
}
