using System.Diagnostics.CodeAnalysis;
using Waybill.Query.Checking;
using Waybill.Query.Diagnostics;
using Waybill.Query.Parsing;
using Waybill.Query.Syntax;

namespace Waybill.Query;

/// <summary>The query language for traces. A tree that it gives has passed every check: types, bounds, supported.</summary>
public static class TraceQl
{
    public static QueryResult<TraceQuery> Parse(string text, QueryLimits? limits = null)
    {
        limits ??= QueryLimits.Default;
        var diagnostics = new DiagnosticList(text, limits.DiagnosticsMax);
        TraceQuery? query = Parser.Query(text, diagnostics, limits);
        if (query is not null) Checker.Check(query, diagnostics, limits);
        return new(text, diagnostics.HasErrors ? null : query, diagnostics.ToList());
    }

    /// <summary>Reads one value as it is written in a query: <c>250ms</c>, <c>"text"</c>, <c>error</c>.</summary>
    public static bool TryStatic(string text, out Static value)
    {
        value = default;
        var diagnostics = new DiagnosticList(text, 1);
        if (Parser.Filter($"{{ {text} }}", Dialect.Traces, diagnostics, QueryLimits.Default) is not { Condition: Literal literal }) return false;
        value = literal.Value;
        return true;
    }

    /// <summary>Reads one field as it is written in a query: <c>resource.service.name</c>, <c>.foo</c>, <c>status</c>.</summary>
    public static bool TryField(string text, [NotNullWhen(true)] out FieldReference? field)
    {
        field = Parse($"{{ }} | select({text})").Query is SearchQuery { Pipeline.Stages: [SpansetFilter { Condition: null }, Select { Fields: [var only] }] } ? only : null;
        return field is not null;
    }
}
