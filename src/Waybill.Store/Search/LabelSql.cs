using Waybill.Query.Syntax;

namespace Waybill.Search;

/// <summary>How the column of a label is read.</summary>
public enum LabelForm : byte
{
    /// <summary>A text.</summary>
    Text,

    /// <summary>A text; an empty one means that there is no value.</summary>
    TextOrNothing,

    /// <summary>An int; 0 means that there is no value.</summary>
    IntOrNothing,

    /// <summary>A type's letter, a colon and the value's text, as <c>i:200</c>; empty when there is no value.</summary>
    Typed,
    Status,
    Kind,
}

/// <summary>A field by which spans are grouped, as SQL over a row of <c>spans</c>.</summary>
public sealed record LabelSql(string Sql, LabelForm Form)
{
    /// <returns>Null when SQL cannot say it.</returns>
    internal static LabelSql? Of(FieldReference field, SqlParameters parameters, KnownKeys known) => field switch
    {
        IntrinsicReference { Intrinsic: Intrinsic.Name } => new("name", LabelForm.Text),
        IntrinsicReference { Intrinsic: Intrinsic.Status } => new("status", LabelForm.Status),
        IntrinsicReference { Intrinsic: Intrinsic.Kind } => new("kind", LabelForm.Kind),
        IntrinsicReference { Intrinsic: Intrinsic.StatusMessage } => new("status_message", LabelForm.Text),
        AttributeReference { Scope: AttributeScope.Resource, Name: "service.name" } => new("service", LabelForm.Text),
        AttributeReference { Scope: AttributeScope.Span } attribute => OfSpan(attribute.Name, parameters, known),
        AttributeReference { Scope: AttributeScope.Resource } attribute => OfResource(attribute.Name, parameters, known),
        AttributeReference { Scope: AttributeScope.Any } attribute => OfAny(attribute.Name, parameters, known),
        _ => null,
    };

    private static LabelSql? OfSpan(string name, SqlParameters parameters, KnownKeys known)
    {
        List<StoredValue> values = [.. new SpanRow(parameters, known).Values(name)];
        if (values.Exists(value => value.Type == 'j')) return null;
        return values switch
        {
            [] => new("''", LabelForm.TextOrNothing),
            [{ IsNumber: true } only] => new(only.Value, LabelForm.IntOrNothing),
            [{ Item: null } only] => new(only.Value, LabelForm.TextOrNothing),
            _ => new(FirstOf(values), LabelForm.Typed),
        };
    }

    private static string FirstOf(IEnumerable<StoredValue> values) =>
        $"multiIf({string.Concat(values.Select(value => $"{value.Has}, concat('{value.Type}:', toString({value.Value})), "))}'')";

    // One value for each of the tenant's resources, once for the statement, looked up by id for each row.
    private static LabelSql? OfResource(string name, SqlParameters parameters, KnownKeys known)
    {
        List<StoredValue> values = [.. new OriginRow(parameters, known.Resource).Values(name)];
        if (values.Exists(value => value.Type == 'j')) return null;
        if (values.Count == 0) return new("''", LabelForm.TextOrNothing);
        string table = $"(SELECT resource_id AS id, any({FirstOf(values)}) AS value FROM resources WHERE tenant = {{tenant:String}} GROUP BY id ORDER BY id)";
        return new($"transform(resource_id, (SELECT groupArray(id) FROM {table}), (SELECT groupArray(value) FROM {table}), '')", LabelForm.Typed);
    }

    private static LabelSql? OfAny(string name, SqlParameters parameters, KnownKeys known)
    {
        var attachments = new AttachmentRow(parameters, known.Event).Values(name).Concat(new AttachmentRow(parameters, known.Link).Values(name)).Concat(new OriginRow(parameters, known.Instrumentation).Values(name));
        if (attachments.Any()) return null;
        if (name == "service.name" && !new SpanRow(parameters, known).Values(name).Any()) return new("service", LabelForm.Text);
        if (!new OriginRow(parameters, known.Resource).Values(name).Any()) return OfSpan(name, parameters, known);
        List<StoredValue> values = [.. new SpanRow(parameters, known).Values(name)];
        if (values.Count == 0) return OfResource(name, parameters, known);
        return values.Exists(value => value.Type == 'j') || OfResource(name, parameters, known) is not { } resource ? null
            : new($"if({string.Join(" OR ", values.Select(value => value.Has))}, {FirstOf(values)}, {resource.Sql})", LabelForm.Typed);
    }
}
