import './design/layers.css';
import '@mantine/core/styles.layer.css';
import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/jetbrains-mono/wght.css';
import './design/tokens.css';
import './design/base.css';
import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { createRoot } from 'react-dom/client';
import { SignedIn } from './access/SignedIn';
import { queries } from './api/queries';
import { theme } from './design/theme';
import { Frame } from './frame/Frame';
import { nonce } from './frame/nonce';
import { preload } from './frame/rooms';
import { TimeContext } from './time/TimeContext';

preload(window.location.pathname);
createRoot(document.getElementById('root')!).render(
  <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={nonce}>
    <QueryClientProvider client={queries}>
      <SignedIn>
        <TimeContext>
          <Frame />
        </TimeContext>
      </SignedIn>
    </QueryClientProvider>
  </MantineProvider>,
);
