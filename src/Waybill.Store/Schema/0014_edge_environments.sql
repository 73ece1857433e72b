-- Edges of the service map by environment: the callee's, or the caller's where the callee sends no spans. '' is none, and edges derived before this.
ALTER TABLE service_edges {on_cluster} ADD COLUMN IF NOT EXISTS environment LowCardinality(String) AFTER peer,
    MODIFY ORDER BY (tenant, minute, edge, source, target, operation, peer, environment);
