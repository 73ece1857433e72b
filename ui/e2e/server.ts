/** Where the console under test is: the system test BrowserTests sets both. */
export const base = (process.env.WAYBILL_URL ?? 'http://127.0.0.1:4319').replace(/\/$/, '');
export const otlp = (process.env.WAYBILL_OTLP ?? 'http://127.0.0.1:4318').replace(/\/$/, '');
