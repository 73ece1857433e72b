using Waybill.Query.Diagnostics;
using Waybill.Query.Syntax;

namespace Waybill.Query;

public sealed class LogFilterTests
{
    [Theory]
    [InlineData("{ }")]
    [InlineData("{ severity >= warn && service = \"cart\" && body =~ \".*timeout.*\" }")]
    [InlineData("{ severity = fatal || severity != info || severityText = \"WARNING\" }")]
    [InlineData("{ eventName = \"order.paid\" && trace:id = \"0af7651916cd43dd8448eb211c80319c\" && span:id != \"b7ad6b7169203331\" }")]
    [InlineData("{ log.user.id = 7 && resource.k8s.pod.name != nil && .x > 1.5 && instrumentation.y && instrumentation:name = \"z\" }")]
    public void Reads_the_fields_of_a_record(string text)
    {
        var result = LogFilter.Parse(text);
        Assert.Empty(result.Diagnostics);
        Assert.Equal(text, result.Query!.ToString());
    }

    [Theory]
    [InlineData("{ level = warn }", "{ severity = warn }")]
    [InlineData("{ log:body = \"x\" }", "{ body = \"x\" }")]
    [InlineData("{ event:name = \"x\" }", "{ eventName = \"x\" }")]
    public void Fields_have_other_names(string text, string printed) => Assert.Equal(printed, LogFilter.Parse(text).Query?.ToString());

    [Theory]
    [InlineData("", DiagnosticCode.EmptyQuery, "{ } matches everything.")]
    [InlineData("severity = warn", DiagnosticCode.Unexpected, "Write { severity = warn }.")]
    [InlineData("{ message = \"x\" }", DiagnosticCode.UnknownIdentifier, "Write body.")]
    [InlineData("{ severity = warning }", DiagnosticCode.UnknownIdentifier, "Write warn.")]
    [InlineData("{ severity = \"warn\" }", DiagnosticCode.TypeMismatch, "Write warn, without quotes.")]
    [InlineData("{ duration > 1s }", DiagnosticCode.UnknownIdentifier, "An attribute has a scope or a dot before it: log.duration or .duration. A text is written in double quotes.")]
    [InlineData("{ span.x = 1 }", DiagnosticCode.UnknownIdentifier, null)]
    [InlineData("{ severity = warn } | count() > 2", DiagnosticCode.Unexpected, "A log query is one { }: join conditions inside of it with && and ||.")]
    [InlineData("{ severity =~ \"warn\" }", DiagnosticCode.OperatorUndefined, "Write a comparison for each value, with ||.")]
    [InlineData("{ body }", DiagnosticCode.NotBoolean, null)]
    public void Says_what_was_probably_meant(string text, DiagnosticCode code, string? hint)
    {
        Diagnostic item = Assert.Single(LogFilter.Parse(text).Diagnostics);
        Assert.Equal(code, item.Code);
        if (hint is not null) Assert.Equal(hint, item.Hint);
    }

    [Fact]
    public void A_filter_knows_its_types()
    {
        var comparison = (BinaryExpression)LogFilter.Parse("{ severity >= error }").Query!.Condition!;
        Assert.Equal(new IntrinsicReference(Intrinsic.Severity), comparison.Left);
        Assert.Equal(new Literal(Static.Of(LogSeverity.Error)), comparison.Right);
    }
}
