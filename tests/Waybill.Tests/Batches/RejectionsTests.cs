namespace Waybill.Batches;

public sealed class RejectionsTests
{
    [Fact]
    public void The_sender_is_told_what_to_fix_and_where()
    {
        var rejected = new Rejections();
        rejected.Add(Rejection.SpanId, 812, 1);
        rejected.Add(Rejection.TraceId, 900, 2);
        rejected.Locate("resource_spans[0].scope_spans[2].spans[17]");
        Assert.Equal(
            "2 refused: trace_id must be 16 bytes (32 hexadecimal digits in JSON) and not all zero. " +
            "1 refused: span_id must be 8 bytes (16 hexadecimal digits in JSON) and not all zero. " +
            "The first is resource_spans[0].scope_spans[2].spans[17] at byte 812.", rejected.Explain());
    }

    [Fact]
    public void Every_reason_has_an_explanation_of_its_own() =>
        Assert.Equal(Enum.GetValues<Rejection>().Length, Enum.GetValues<Rejection>().Select(Rejections.Explain).Distinct().Count());

    [Fact]
    public void Clearing_forgets_the_first_too()
    {
        var rejected = new Rejections();
        rejected.Add(Rejection.SpanId, 812, 1);
        rejected.Clear();
        Assert.Equal("", rejected.Explain());
        Assert.Equal(0, rejected[Rejection.SpanId]);
    }
}
