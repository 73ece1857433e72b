using Waybill.Batches;
using Waybill.Spans;

namespace Waybill.Redaction;

public sealed class BatchRedactionTests
{
    private static readonly RuleSet DropsNotes = RulesText.Parse("rules: [{name: notes, keys: ['note*'], action: drop}]").Rules!;

    private static SpanBatch Spans(params (string Key, AnyValue Value)[][] rows)
    {
        var batch = new SpanBatch();
        batch.Resources.Attributes.Add(Text(batch, "service.name"), AnyValue.String(Text(batch, "cart")));
        batch.Resources.Add(0, default);
        batch.Scopes.Add(default, default, 0, default);
        foreach (var attributes in rows)
        {
            foreach (var (key, value) in attributes) batch.Attributes.Add(Text(batch, key), value.Type == Batches.ValueType.String ? AnyValue.String(Text(batch, "x")) : value);
            batch.AttributesEnd.Add(batch.Attributes.Count);
            batch.DroppedAttributes.Add(0);
            batch.EventsEnd.Add(0);
            batch.LinksEnd.Add(0);
            batch.Resource.Add(0);
            batch.Name.Add(Text(batch, "GET"));
            batch.StatusMessage.Add(default);
            batch.TraceState.Add(default);
            batch.TraceId.Add(default);
        }
        return batch;
    }

    private static Text Text(SpanBatch batch, string text) => batch.Text.Append(System.Text.Encoding.UTF8.GetBytes(text));

    private static string[] Keys(SpanBatch batch, int row) =>
        [.. Enumerable.Range(0, batch.Attributes.Count).Take(batch.AttributesOf(row)).Select(i => batch.Text.GetString(batch.Attributes.Key[i]))];

    [Fact]
    public void Dropped_attributes_leave_their_row_alone_and_are_counted()
    {
        var some = AnyValue.String(default);
        var batch = Spans([("a", some), ("note", some), ("b", AnyValue.Of(1L))], [("notes", AnyValue.Of(true))], [], [("c", some), ("note", some)]);
        var findings = new FindingCounts();
        new Redactor(new byte[32]) { Rules = DropsNotes }.Redact(batch, findings);
        Assert.Equal(["a", "b"], Keys(batch, 0));
        Assert.Empty(Keys(batch, 1));
        Assert.Empty(Keys(batch, 2));
        Assert.Equal(["c"], Keys(batch, 3));
        Assert.Equal([1u, 1u, 0u, 1u], batch.DroppedAttributes.Span.ToArray());
        Assert.Equal(3, findings.Total);
    }

    [Fact]
    public void Numbers_under_telling_keys_are_changed_and_others_are_not()
    {
        var batch = Spans([("card_number", AnyValue.Of(4111111111111111L)), ("order_id", AnyValue.Of(4111111111111111L)), ("password", AnyValue.Of(12345L)), ("ratio", AnyValue.Of(0.5))]);
        new Redactor(new byte[32]).Redact(batch, new FindingCounts());
        Assert.Equal("************1111", batch.Text.GetString(batch.Attributes.Value[0].Text));
        Assert.Equal(AnyValue.Of(4111111111111111L), batch.Attributes.Value[1]);
        Assert.Equal("[redacted:sensitive-key]", batch.Text.GetString(batch.Attributes.Value[2].Text));
        Assert.Equal(AnyValue.Of(0.5), batch.Attributes.Value[3]);
    }

    [Fact]
    public void A_clean_batch_costs_no_allocation()
    {
        var batch = Spans([.. Enumerable.Repeat((ValueTuple<string, AnyValue>[])[("http.request.method", AnyValue.String(default)), ("n", AnyValue.Of(1L))], 200)]);
        var redactor = new Redactor(new byte[32]);
        var findings = new FindingCounts();
        for (int i = 0; i < 3; i++) redactor.Redact(batch, findings);
        long before = GC.GetAllocatedBytesForCurrentThread();
        redactor.Redact(batch, findings);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 512);   // a few bytes a request, none a span
    }

    [Fact]
    public void A_service_that_is_an_address_is_counted_under_its_hash()
    {
        var batch = Spans([[("password", AnyValue.String(default))]]);
        batch.Resources.Attributes.Value[0] = AnyValue.String(Text(batch, "ada@example.com"));
        batch.Attributes.Value[0] = AnyValue.String(Text(batch, "hunter2"));
        var findings = new FindingCounts();
        new Redactor(new byte[32]).Redact(batch, findings);
        findings.ForEach((finding, _, _) => Assert.DoesNotContain("ada", finding.Service));
        Assert.Equal(2, findings.Kinds);
    }
}
