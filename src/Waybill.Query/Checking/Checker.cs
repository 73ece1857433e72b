using Waybill.Query.Diagnostics;
using Waybill.Query.Syntax;

namespace Waybill.Query.Checking;

internal static class Checker
{
    public static void Check(Node query, DiagnosticList diagnostics, QueryLimits limits) { _ = (query, diagnostics, limits); }
}
