import { useChangeMoments } from '../changes/moments';
import { RequestCharts } from '../charts/RequestCharts';

/** Requests, failures and latency of everything. */
export const Traffic = () => <RequestCharts moments={useChangeMoments()} />;
