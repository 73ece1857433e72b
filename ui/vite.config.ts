import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const server = process.env.WAYBILL_URL ?? 'http://127.0.0.1:4319';

export default defineConfig({
  plugins: [react(), precompress()],
  // `npm run dev` shows the console from source over a running server's API.
  server: { proxy: Object.fromEntries(['/api', '/tempo', '/jaeger'].map((path) => [path, { target: server }])) },
  worker: { format: 'es' },
  build: {
    target: 'es2023',
    assetsInlineLimit: 0,
    // The Content-Security-Policy lets no inline script in, and every browser that has these features preloads modules by itself.
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1600,
  },
});

/** Writes name.br and name.gz beside what is worth it, so that the server never compresses. */
function precompress(): Plugin {
  return {
    name: 'precompress',
    apply: 'build',
    async writeBundle(output) {
      const folder = output.dir ?? 'dist';
      const names = (await readdir(folder, { recursive: true })).filter((name) => /\.(js|css|svg|json|txt)$/.test(name));
      await Promise.all(names.map((name) => compress(join(folder, name))));
    },
  };
}

async function compress(file: string) {
  const plain = await readFile(file);
  if (plain.length < 1024) return;
  const brotli = await promisify(brotliCompress)(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 10 } });
  await writeFile(`${file}.br`, brotli);
  await writeFile(`${file}.gz`, await promisify(gzip)(plain, { level: 9 }));
}
