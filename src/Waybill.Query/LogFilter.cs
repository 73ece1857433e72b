using Waybill.Query.Checking;
using Waybill.Query.Diagnostics;
using Waybill.Query.Parsing;
using Waybill.Query.Syntax;

namespace Waybill.Query;

/// <summary>The filter for log records: one <c>{ condition }</c> of the query language over the fields of a record.</summary>
public static class LogFilter
{
    /// <returns>A filter whose condition is null when every record matches.</returns>
    public static QueryResult<SpansetFilter> Parse(string text, QueryLimits? limits = null)
    {
        limits ??= QueryLimits.Default;
        var diagnostics = new DiagnosticList(text, limits.DiagnosticsMax);
        SpansetFilter? filter = Parser.Filter(text, Dialect.Logs, diagnostics, limits);
        if (filter is not null) Checker.Check(filter, diagnostics, limits);
        return new(text, diagnostics.HasErrors ? null : filter, diagnostics.ToList());
    }
}
