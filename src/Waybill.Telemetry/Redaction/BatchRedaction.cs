using Waybill.Batches;
using Waybill.Logs;
using Waybill.Metrics;
using Waybill.Spans;

namespace Waybill.Redaction;

/// <summary>Every text of a batch, one line each.</summary>
internal static class BatchRedaction
{
    public static void Redact(this RedactionPass pass, SpanBatch batch)
    {
        var text = batch.Text;
        pass.RedactOrigins(text, batch.Resources, batch.Scopes);
        int resource = -1;
        for (int row = 0; row < batch.Count; row++)
        {
            if (batch.Resource[row] != resource) pass.BeginService(ServiceOf(text, batch.Resources, resource = batch.Resource[row]));
            pass.Redact(text, ref batch.Name[row], Carrier.SpanName);
            pass.Redact(text, ref batch.StatusMessage[row], Carrier.SpanStatusMessage);
            pass.Redact(text, ref batch.TraceState[row], Carrier.SpanTraceState);
            pass.Redact(text, batch.Attributes, batch.AttributesOf(row), Carrier.SpanAttribute);
        }
        pass.TakeOutDropped(batch.Attributes, batch.AttributesEnd, batch.DroppedAttributes);
        if (batch.Events.Count > 0) pass.RedactEvents(batch);
        if (batch.Links.Count > 0) pass.RedactLinks(batch);
    }

    private static void RedactEvents(this RedactionPass pass, SpanBatch batch)
    {
        var events = batch.Events;
        int resource = -1;
        for (int row = 0; row < batch.Count; row++)
        {
            var (start, count) = batch.EventsOf(row).GetOffsetAndLength(events.Count);
            if (count > 0 && batch.Resource[row] != resource) pass.BeginService(ServiceOf(batch.Text, batch.Resources, resource = batch.Resource[row]));
            for (int i = start; i < start + count; i++)
            {
                pass.Redact(batch.Text, ref events.Name[i], Carrier.EventName);
                pass.Redact(batch.Text, events.Attributes, events.AttributesOf(i), Carrier.EventAttribute);
            }
        }
        pass.TakeOutDropped(events.Attributes, events.AttributesEnd, events.DroppedAttributes);
    }

    private static void RedactLinks(this RedactionPass pass, SpanBatch batch)
    {
        var links = batch.Links;
        int resource = -1;
        for (int row = 0; row < batch.Count; row++)
        {
            var (start, count) = batch.LinksOf(row).GetOffsetAndLength(links.Count);
            if (count > 0 && batch.Resource[row] != resource) pass.BeginService(ServiceOf(batch.Text, batch.Resources, resource = batch.Resource[row]));
            for (int i = start; i < start + count; i++)
            {
                pass.Redact(batch.Text, ref links.TraceState[i], Carrier.LinkTraceState);
                pass.Redact(batch.Text, links.Attributes, links.AttributesOf(i), Carrier.LinkAttribute);
            }
        }
        pass.TakeOutDropped(links.Attributes, links.AttributesEnd, links.DroppedAttributes);
    }

    public static void Redact(this RedactionPass pass, LogBatch batch)
    {
        var text = batch.Text;
        pass.RedactOrigins(text, batch.Resources, batch.Scopes);
        int resource = -1;
        for (int row = 0; row < batch.Count; row++)
        {
            if (batch.Resource[row] != resource) pass.BeginService(ServiceOf(text, batch.Resources, resource = batch.Resource[row]));
            pass.Redact(text, ref batch.SeverityText[row], Carrier.LogSeverityText);
            pass.Redact(text, ref batch.EventName[row], Carrier.LogEventName);
            batch.Body[row] = pass.Redact(text, batch.Body[row], Carrier.LogBody);
            pass.Redact(text, batch.Attributes, batch.AttributesOf(row), Carrier.LogAttribute);
        }
        pass.TakeOutDropped(batch.Attributes, batch.AttributesEnd, batch.DroppedAttributes);
    }

    public static void Redact(this RedactionPass pass, MetricBatch batch)
    {
        var text = batch.Text;
        pass.RedactOrigins(text, batch.Resources, batch.Scopes);
        for (int row = 0; row < batch.Count; row++)
        {
            pass.BeginService(ServiceOf(text, batch.Resources, batch.Resource[row]));
            pass.Redact(text, ref batch.Name[row], Carrier.MetricName);
            pass.Redact(text, ref batch.Description[row], Carrier.MetricDescription);
            pass.Redact(text, ref batch.Unit[row], Carrier.MetricUnit);
            pass.Redact(text, batch.Metadata, batch.MetadataOf(row), Carrier.MetricMetadata);
        }
        pass.TakeOutDropped(batch.Metadata, batch.MetadataEnd, null);
        pass.RedactPoints(batch, batch.Numbers.Point, batch.Numbers.Exemplars, batch.Numbers.ExemplarsEnd);
        pass.RedactPoints(batch, batch.Histograms.Point, batch.Histograms.Exemplars, batch.Histograms.ExemplarsEnd);
        pass.RedactPoints(batch, batch.Exponentials.Point, batch.Exponentials.Exemplars, batch.Exponentials.ExemplarsEnd);
        pass.RedactPoints(batch, batch.Summaries.Point, null, null);
    }

    private static void RedactPoints(this RedactionPass pass, MetricBatch batch, PointColumns points, ExemplarColumns? exemplars, Column<int>? exemplarsEnd)
    {
        int metric = -1;
        for (int row = 0; row < points.Count; row++)
        {
            if (points.Metric[row] != metric) pass.BeginService(ServiceOf(batch.Text, batch.Resources, batch.Resource[metric = points.Metric[row]]));
            pass.Redact(batch.Text, points.Attributes, points.AttributesOf(row), Carrier.PointAttribute);
        }
        pass.TakeOutDropped(points.Attributes, points.AttributesEnd, points.DroppedAttributes);
        if (exemplars is null || exemplars.Count == 0) return;
        for (int row = 0; row < points.Count; row++)
        {
            int first = row == 0 ? 0 : exemplarsEnd![row - 1];
            if (first == exemplarsEnd![row]) continue;
            pass.BeginService(ServiceOf(batch.Text, batch.Resources, batch.Resource[points.Metric[row]]));
            for (int i = first; i < exemplarsEnd[row]; i++) pass.Redact(batch.Text, exemplars.Attributes, exemplars.AttributesOf(i), Carrier.ExemplarAttribute);
        }
        pass.TakeOutDropped(exemplars.Attributes, exemplars.AttributesEnd, null);
    }

    private static void RedactOrigins(this RedactionPass pass, TextArena text, ResourceColumns resources, ScopeColumns scopes)
    {
        for (int i = 0; i < resources.Count; i++)
        {
            var (start, count) = resources.AttributesOf(i).GetOffsetAndLength(resources.Attributes.Count);
            int end = start + count, name = NameOf(text, resources, i);
            // First the service's name, so that nothing is counted under one that is sensitive itself.
            pass.BeginService([]);
            if (name >= 0) pass.Redact(text, resources.Attributes, name..(name + 1), Carrier.ResourceAttribute);
            pass.BeginService(name < 0 || resources.Attributes.Key[name].Offset < 0 ? [] : text[resources.Attributes.Value[name].Text]);
            pass.Redact(text, resources.Attributes, start..(name < 0 ? end : name), Carrier.ResourceAttribute);
            if (name >= 0) pass.Redact(text, resources.Attributes, (name + 1)..end, Carrier.ResourceAttribute);
            pass.Redact(text, ref resources.SchemaUrl[i], Carrier.ResourceSchemaUrl);
        }
        pass.TakeOutDropped(resources.Attributes, resources.AttributesEnd, resources.DroppedAttributes);
        pass.BeginService([]);
        for (int i = 0; i < scopes.Count; i++)
        {
            pass.Redact(text, ref scopes.Name[i], Carrier.ScopeName);
            pass.Redact(text, ref scopes.Version[i], Carrier.ScopeVersion);
            pass.Redact(text, ref scopes.SchemaUrl[i], Carrier.ScopeSchemaUrl);
            pass.Redact(text, scopes.Attributes, scopes.AttributesOf(i), Carrier.ScopeAttribute);
        }
        pass.TakeOutDropped(scopes.Attributes, scopes.AttributesEnd, scopes.DroppedAttributes);
    }

    private static void Redact(this RedactionPass pass, TextArena arena, ref Text text, Carrier carrier)
    {
        if (text.IsEmpty) return;
        text = pass.Redact(arena, text, carrier);
    }

    private static ReadOnlySpan<byte> ServiceOf(TextArena text, ResourceColumns resources, int resource)
    {
        int name = NameOf(text, resources, resource);
        return name < 0 ? default : text[resources.Attributes.Value[name].Text];
    }

    /// <summary>Where a resource's service.name is among all attributes; -1 when it has none.</summary>
    private static int NameOf(TextArena text, ResourceColumns resources, int resource)
    {
        var (start, count) = resources.AttributesOf(resource).GetOffsetAndLength(resources.Attributes.Count);
        for (int i = start; i < start + count; i++)
            if (resources.Attributes.Value[i].Type == Batches.ValueType.String && text[resources.Attributes.Key[i]].SequenceEqual("service.name"u8)) return i;
        return -1;
    }
}
