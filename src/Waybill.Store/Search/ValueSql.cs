using Waybill.Query.Syntax;

namespace Waybill.Search;

/// <summary>Counts the values of a field in a slice of time: <c>typed</c>, a type's letter, a colon and the text (k for keywords), and <c>spans</c>, weighted; the commonest first.</summary>
/// <remarks>Parameters beside those of the selection: <c>prefix</c>, <c>limit</c>.</remarks>
public sealed class ValueSql
{
    private ValueSql(string statement, SqlParameters parameters) => (Statement, Parameters) = (statement, parameters.Bound);

    public string Statement { get; }

    public IReadOnlyList<KeyValuePair<string, string>> Parameters { get; }

    /// <returns>Null when SQL cannot say it.</returns>
    public static ValueSql? Of(FieldReference field, Pipeline? filter, KnownKeys known)
    {
        var parameters = new SqlParameters();
        string rows = $"spans WHERE {SpanSelection.Slice}";
        if (filter is not null)
        {
            SpanSelection selection = SpanSelection.Of(filter, known, parameters);
            if (!selection.IsExact) return null;
            rows = SpanSelection.Rows(selection.Lead, selection.Related);
        }
        if (Typed(field, parameters, known) is not { } typed) return null;
        return new($"""
            SELECT typed, sum(w) AS spans FROM (SELECT {typed.Sql} AS typed, weight AS w FROM {rows} AND {typed.Where})
            WHERE typed != '' AND startsWith(substring(typed, 3), {"{prefix:String}"})
            GROUP BY typed ORDER BY spans DESC, typed LIMIT {"{limit:UInt32}"}
            """, parameters);
    }

    private static (string Sql, string Where)? Typed(FieldReference field, SqlParameters parameters, KnownKeys known)
    {
        switch (field)
        {
            case AttributeReference { Scope: AttributeScope.Event } attribute: return OfElements("events", new AttachmentRow(parameters, known.Event), attribute.Name);
            case AttributeReference { Scope: AttributeScope.Link } attribute: return OfElements("links", new AttachmentRow(parameters, known.Link), attribute.Name);
            case IntrinsicReference { Intrinsic: Intrinsic.EventName }: return ("arrayJoin(arrayMap(e -> concat('s:', JSONExtractString(e, 'name')), JSONExtractArrayRaw(events)))", "events != ''");
        }
        if (LabelSql.Of(field, parameters, known) is not { } label) return null;
        return (label.Form switch
        {
            LabelForm.Text => $"concat('s:', toString({label.Sql}))",
            LabelForm.TextOrNothing => $"if({label.Sql} = '', '', concat('s:', toString({label.Sql})))",
            LabelForm.IntOrNothing => $"if({label.Sql} = 0, '', concat('i:', toString({label.Sql})))",
            LabelForm.Status => "concat('k:', transform(status, [0, 1, 2], ['unset', 'ok', 'error'], ''))",
            LabelForm.Kind => "concat('k:', transform(kind, [0, 1, 2, 3, 4, 5], ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'], ''))",
            _ => label.Sql,
        }, "1");
    }

    private static (string, string) OfElements(string column, AttachmentRow row, string name)
    {
        string first = string.Concat(row.Values(name).Where(value => value.Type != 'j').Select(value => $"{value.Has}, concat('{value.Type}:', {value.Value}), "));
        return first.Length == 0 ? ("''", "0") : ($"arrayJoin(arrayMap(e -> multiIf({first}''), JSONExtractArrayRaw({column})))", $"{column} != ''");
    }
}
