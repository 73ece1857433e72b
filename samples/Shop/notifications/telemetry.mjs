// All the instrumentation of this service: the OpenTelemetry Node SDK, set up by the standard OTEL_* environment variables.
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { NodeSDK } from '@opentelemetry/sdk-node';

export const sdk = new NodeSDK({ instrumentations: [new UndiciInstrumentation()] });
sdk.start();
