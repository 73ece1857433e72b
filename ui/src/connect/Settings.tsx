import { Tabs } from '@mantine/core';
import { useApi } from '../api/client';
import { Command } from '../design/Empty';
import { Panel } from '../design/Panel';
import { text, useUrlState } from '../url/url-state';
import classes from './Connect.module.css';
import { languages } from './languages';

type Doors = { otlpGrpcPort: number; otlpHttpPort: number; scheme: 'http' | 'https' };

const codecs = { language: text('any') };

/** Settings for a language, with this server's address in them. */
export function Settings() {
  const [state, set] = useUrlState(codecs);
  const ports = useApi<Doors>('/api/connect');
  const doors = {
    scheme: ports.data?.scheme ?? 'http',
    host: window.location.hostname,
    grpc: ports.data?.otlpGrpcPort ?? 4317,
    http: ports.data?.otlpHttpPort ?? 4318,
  };
  const chosen = languages.find((language) => language.name === state.language) ?? languages[0]!;
  return (
    <Panel title="Send from" note={`OTLP/gRPC on ${doors.grpc}, OTLP/HTTP and Zipkin on ${doors.http}`}>
      <Tabs value={chosen.name} onChange={(name) => set({ language: name ?? 'any' })}>
        <Tabs.List aria-label="Languages">
          {languages.map((language) => (
            <Tabs.Tab key={language.name} value={language.name}>
              {language.label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={chosen.name} pt="sm">
          <p className={classes.note}>
            <code>{chosen.file}</code> {chosen.note}
          </p>
          <Command text={chosen.text(doors)} />
        </Tabs.Panel>
      </Tabs>
    </Panel>
  );
}
