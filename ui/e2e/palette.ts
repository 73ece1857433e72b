import { crc32, deflateSync } from 'node:zlib';
import type { Page } from 'playwright-core';

/** A picture of the page in 256 colours, which is all that a screen of text, lines and flat colours needs. */
export async function palettePicture(page: Page): Promise<Buffer> {
  const shot = await page.screenshot({ animations: 'disabled', caret: 'hide' });
  const blank = await page.context().newPage();
  const { width, height, pixels } = await blank.evaluate(decode, shot.toString('base64'));
  await blank.close();
  return encode(width, height, Buffer.from(pixels, 'base64'));
}

/** The browser reads its own picture: red, green and blue of each pixel. */
async function decode(png: string) {
  const image = new Image();
  image.src = `data:image/png;base64,${png}`;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height);
  const context = canvas.getContext('2d')!;
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, image.width, image.height);
  const bytes = new Uint8Array((data.length / 4) * 3);
  for (let i = 0, to = 0; i < data.length; i += 4) {
    bytes[to++] = data[i]!;
    bytes[to++] = data[i + 1]!;
    bytes[to++] = data[i + 2]!;
  }
  const url = await new Promise<string>((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string);
    reader.readAsDataURL(new Blob([bytes]));
  });
  return { width: image.width, height: image.height, pixels: url.slice(url.indexOf(',') + 1) };
}

function encode(width: number, height: number, pixels: Buffer): Buffer {
  const { colours, indexOf } = palette(pixels);
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0, from = 0; y < height; y++)
    for (let x = 0; x < width; x++, from += 3) rows[y * (width + 1) + 1 + x] = indexOf(pixels.readUIntBE(from, 3));
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // Eight bits a pixel, of a palette.
  header.set([8, 3], 8);
  const table = Buffer.alloc(colours.length * 3);
  for (const [i, colour] of colours.entries()) table.writeUIntBE(colour, i * 3, 3);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('PLTE', table),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/**
 * The most frequent colours, but first one of each of the hundred most frequent regions of the colour space, so that a small mark keeps its
 * colour beside much text. Every other colour becomes the nearest of them.
 */
function palette(pixels: Buffer) {
  const counts = new Map<number, number>();
  for (let i = 0; i < pixels.length; i += 3) {
    const colour = pixels.readUIntBE(i, 3);
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const frequent = [...counts].sort((a, b) => b[1] - a[1]).map(([colour]) => colour);
  const regions = new Map<number, number>();
  for (const colour of frequent) {
    const region = colour & 0xe0e0e0;
    if (!regions.has(region)) regions.set(region, colour);
  }
  const colours = [...new Set([...[...regions.values()].slice(0, 100), ...frequent])].slice(0, 256);
  const known = new Map(colours.map((colour, i) => [colour, i]));
  const indexOf = (colour: number) => {
    let index = known.get(colour);
    if (index === undefined) {
      index = 0;
      for (let i = 1; i < colours.length; i++) if (distance(colour, colours[i]!) < distance(colour, colours[index]!)) index = i;
      known.set(colour, index);
    }
    return index;
  };
  return { colours, indexOf };
}

const distance = (a: number, b: number) =>
  ((a >> 16) - (b >> 16)) ** 2 + (((a >> 8) & 255) - ((b >> 8) & 255)) ** 2 + ((a & 255) - (b & 255)) ** 2;

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(body.length + 8);
  frame.writeUInt32BE(data.length, 0);
  body.copy(frame, 4);
  frame.writeUInt32BE(crc32(body), body.length + 4);
  return frame;
}
