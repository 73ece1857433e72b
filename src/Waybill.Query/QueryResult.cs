using Waybill.Query.Diagnostics;
using Waybill.Query.Syntax;

namespace Waybill.Query;

/// <summary>What reading a text gives: a query, or what is wrong with the text. Warnings may come with a query.</summary>
/// <param name="Query">Null when there is an error.</param>
/// <param name="Diagnostics">In the order of the text.</param>
public sealed record QueryResult<T>(string Text, T? Query, IReadOnlyList<Diagnostic> Diagnostics) where T : Node
{
    [System.Diagnostics.CodeAnalysis.MemberNotNullWhen(true, nameof(Query))]
    public bool IsValid => Query is not null;
}
