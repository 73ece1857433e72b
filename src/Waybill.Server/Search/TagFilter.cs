using System.Globalization;
using Waybill.Query.Syntax;
using Waybill.Web;

namespace Waybill.Search;

/// <summary>
/// A search put together from names and texts, as the APIs from before TraceQL ask: all must hold for one span. A text that reads as a number or
/// as true or false also finds values of that type.
/// </summary>
internal sealed class TagFilter
{
    private const int TagsMax = 100;

    /// <summary>Why a tag is not taken: every one makes the condition deeper.</summary>
    public static readonly string Full = $"There are more than {TagsMax} tags.";

    private FieldExpression? _condition;
    private int _tags;

    public void Add(FieldReference field, Static value) => And(new BinaryExpression(Operator.Equal, field, new Literal(value)));

    public void AddService(string service) => Add(new AttributeReference(AttributeScope.Resource, "service.name"), Static.Of(service));

    public void AddName(string name) => Add(new IntrinsicReference(Intrinsic.Name), Static.Of(name));

    /// <summary>A tag as Jaeger and Tempo name it: some are no attributes in OpenTelemetry but the span's own fields.</summary>
    /// <returns>False when there are too many.</returns>
    public bool AddTag(string key, string value)
    {
        if (++_tags > TagsMax) return false;
        switch (key)
        {
            case "error" when value is "true": Add(new IntrinsicReference(Intrinsic.Status), Static.Of(SpanStatus.Error)); break;
            case "error" when value is "false": And(new BinaryExpression(Operator.NotEqual, new IntrinsicReference(Intrinsic.Status), new Literal(Static.Of(SpanStatus.Error)))); break;
            case "otel.status_code" or "status.code" or "status" when Enum.TryParse(value, ignoreCase: true, out SpanStatus status): Add(new IntrinsicReference(Intrinsic.Status), Static.Of(status)); break;
            case "span.kind" or "kind" when Enum.TryParse(value, ignoreCase: true, out SpanKind kind): Add(new IntrinsicReference(Intrinsic.Kind), Static.Of(kind)); break;
            case "otel.status_description": Add(new IntrinsicReference(Intrinsic.StatusMessage), Static.Of(value)); break;
            case "otel.scope.name" or "otel.library.name": Add(new IntrinsicReference(Intrinsic.InstrumentationName), Static.Of(value)); break;
            case "otel.scope.version" or "otel.library.version": Add(new IntrinsicReference(Intrinsic.InstrumentationVersion), Static.Of(value)); break;
            case "service.name": AddService(value); break;
            case "root.service.name": Add(new IntrinsicReference(Intrinsic.RootServiceName), Static.Of(value)); break;
            case "root.name": Add(new IntrinsicReference(Intrinsic.RootName), Static.Of(value)); break;
            case "name": AddName(value); break;
            default: AddAttribute(key, value); break;
        }
        return true;
    }

    /// <returns>False when the text is no duration.</returns>
    public bool AddDuration(Operator comparison, string text)
    {
        if (!TimeRange.TryParseDuration(text, out long nanoseconds)) return false;
        And(new BinaryExpression(comparison, new IntrinsicReference(Intrinsic.Duration), new Literal(Static.Duration(nanoseconds))));
        return true;
    }

    public SearchQuery ToQuery() => new(new Pipeline([new SpansetFilter(_condition)]), []);

    private void AddAttribute(string key, string value)
    {
        var field = new AttributeReference(AttributeScope.Any, key);
        FieldExpression found = Equal(field, Static.Of(value));
        if (long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole)) found = Or(found, Equal(field, Static.Of(whole)));
        else if (double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double real)) found = Or(found, Equal(field, Static.Of(real)));
        else if (value is "true" or "false") found = Or(found, Equal(field, Static.Of(value == "true")));
        And(found);
    }

    private static BinaryExpression Equal(FieldReference field, Static value) => new(Operator.Equal, field, new Literal(value));

    private static BinaryExpression Or(FieldExpression left, FieldExpression right) => new(Operator.Or, left, right);

    private void And(FieldExpression condition) => _condition = _condition is null ? condition : new BinaryExpression(Operator.And, _condition, condition);
}
