import { Kbd, Modal } from '@mantine/core';
import classes from './KeyHelp.module.css';
import { activeKeys } from './keys';

export function KeyHelp({ opened, close }: { opened: boolean; close(): void }) {
  return (
    <Modal opened={opened} onClose={close} title="Keys" size="lg" lockScroll={false}>
      {opened && (
        <div className={classes.groups}>
          {activeKeys().map((group) => (
            <section key={group.title}>
              <h3 className={classes.title}>{group.title}</h3>
              <dl className={classes.keys}>
                {group.keys.map((key) => (
                  <div key={key.keys} className={classes.key}>
                    <dt>
                      {key.keys.split(' or ').map((one) => (
                        <Kbd key={one} size="xs">
                          {names[one] ?? one}
                        </Kbd>
                      ))}
                    </dt>
                    <dd>{key.label}</dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
        </div>
      )}
    </Modal>
  );
}

const names: Record<string, string> = {
  'ctrl+k': 'Ctrl K',
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  ' ': 'Space',
  Escape: 'Esc',
};
