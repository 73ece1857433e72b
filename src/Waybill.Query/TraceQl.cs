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
}
