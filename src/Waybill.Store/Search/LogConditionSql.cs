using Waybill.Query.Syntax;

namespace Waybill.Search;

/// <summary>Turns the filter of log records into SQL over a row of <c>logs</c>.</summary>
public sealed class LogConditionSql
{
    private readonly SqlParameters _parameters;
    private readonly LogRow _log;
    private readonly OriginRow _resource, _scope;

    private LogConditionSql(SqlParameters parameters)
    {
        _parameters = parameters;
        _log = new LogRow(parameters);
        (_resource, _scope) = (new OriginRow(parameters, null), new OriginRow(parameters, null));
    }

    /// <summary>A condition for WHERE; it uses <c>{tenant:String}</c> and what it binds to <paramref name="parameters"/>.</summary>
    /// <returns>Null when it has a part that cannot be answered for logs: fields compared with each other, or arithmetic.</returns>
    public static string? Of(SpansetFilter filter, SqlParameters parameters)
    {
        Predicate predicate = new LogConditionSql(parameters).Of(filter.Condition);
        return predicate.IsExact ? predicate.Where : null;
    }

    private Predicate Of(FieldExpression? condition) => condition switch
    {
        null => Predicate.True,
        Literal { Value.Type: StaticType.Bool } literal => literal.Value.Integer != 0 ? Predicate.True : Predicate.False,
        AttributeReference attribute => Compare(attribute, Operator.Equal, Static.Of(true)),
        UnaryExpression { Operator: UnaryOperator.Not, Operand: AttributeReference attribute } => Compare(attribute, Operator.Equal, Static.Of(false)),
        UnaryExpression { Operator: UnaryOperator.Not } not => !Of(not.Operand),
        BinaryExpression { Operator: Operator.And } and => Of(and.Left) & Of(and.Right),
        BinaryExpression { Operator: Operator.Or } or => Of(or.Left) | Of(or.Right),
        BinaryExpression { Left: FieldReference field, Right: Literal literal } compared when compared.Operator.IsComparison() || compared.Operator.IsRegex() => Compare(field, compared.Operator, literal.Value),
        BinaryExpression { Left: Literal literal, Right: FieldReference field } compared when compared.Operator.IsComparison() => Compare(field, compared.Operator.Mirrored(), literal.Value),
        _ => Predicate.Unknown,
    };

    private Predicate Compare(FieldReference field, Operator op, Static literal) => field switch
    {
        AttributeReference attribute => Compare(attribute, op, literal),
        IntrinsicReference intrinsic => Compare(intrinsic.Intrinsic, op, literal),
        _ => Predicate.Unknown,
    };

    private Predicate Compare(AttributeReference attribute, Operator op, Static literal)
    {
        string name = attribute.Name;
        if (literal.Type == StaticType.Nil) return op == Operator.Equal ? !Has(attribute) : Has(attribute);
        return attribute.Scope switch
        {
            AttributeScope.Log => Values(_log, name, op, literal),
            AttributeScope.Resource => OfOrigin("resource", Values(_resource, name, op, literal)),
            AttributeScope.Instrumentation => OfOrigin("scope", Values(_scope, name, op, literal)),
            // The first of record, resource and scope that has the attribute decides.
            AttributeScope.Any => Values(_log, name, op, literal) | (!_log.Has(name) &
                (OfOrigin("resource", Values(_resource, name, op, literal)) | (!OfOrigin("resource", _resource.Has(name)) & OfOrigin("scope", Values(_scope, name, op, literal))))),
            _ => Predicate.Unknown,
        };
    }

    private Predicate Has(AttributeReference attribute) => attribute.Scope switch
    {
        AttributeScope.Log => _log.Has(attribute.Name),
        AttributeScope.Resource => OfOrigin("resource", _resource.Has(attribute.Name)),
        AttributeScope.Instrumentation => OfOrigin("scope", _scope.Has(attribute.Name)),
        AttributeScope.Any => _log.Has(attribute.Name) | OfOrigin("resource", _resource.Has(attribute.Name)) | OfOrigin("scope", _scope.Has(attribute.Name)),
        _ => Predicate.Unknown,
    };

    /// <summary>Arrays match no constant: their elements cannot be told in SQL.</summary>
    private Predicate Values(AttributeRow row, string name, Operator op, Static literal) => Predicate.Any(row.Values(name).Where(value => value.Type != 'j').Select(value =>
        row == _log ? value.Compare(op, literal, _parameters) : value.Compare(op, literal, _parameters) with { Index = null }));

    private static Predicate OfOrigin(string kind, Predicate onOrigin) => onOrigin.IsFalse ? Predicate.False
        : new($"{kind}_id IN (SELECT {kind}_id FROM {kind}s WHERE tenant = {{tenant:String}} AND {onOrigin.Sql})", onOrigin.IsExact);

    private Predicate Compare(Intrinsic intrinsic, Operator op, Static literal) => (intrinsic, literal.Type) switch
    {
        (Intrinsic.Severity, StaticType.Severity) => new($"intDiv(greatest(severity, 0) + 3, 4) {op.Text()} {_parameters.Int(literal.Integer)}"),
        (_, StaticType.Nil) => op == Operator.NotEqual ? !IsEmpty(intrinsic) : IsEmpty(intrinsic),
        (Intrinsic.Body, StaticType.String) => new(Comparison.OfTexts("body", op, literal.Text!, _parameters)),
        (Intrinsic.SeverityText, StaticType.String) => new(Comparison.OfTexts("severity_text", op, literal.Text!, _parameters)),
        (Intrinsic.Service, StaticType.String) => new(Comparison.OfTexts("service", op, literal.Text!, _parameters)),
        (Intrinsic.LogEventName, StaticType.String) => new(Comparison.OfTexts("event_name", op, literal.Text!, _parameters)),
        (Intrinsic.TraceId, StaticType.String) => OfId("trace_id", 16, op, literal.Text!),
        (Intrinsic.SpanId, StaticType.String) => OfId("span_id", 8, op, literal.Text!),
        (Intrinsic.InstrumentationName, StaticType.String) => OfOrigin("scope", new(Comparison.OfTexts("name", op, literal.Text!, _parameters))),
        (Intrinsic.InstrumentationVersion, StaticType.String) => OfOrigin("scope", new(Comparison.OfTexts("version", op, literal.Text!, _parameters))),
        _ => Predicate.False,
    };

    private static Predicate IsEmpty(Intrinsic intrinsic) => intrinsic switch
    {
        Intrinsic.Body => new("body_type = 110"),   // the letter n: no value at all
        Intrinsic.SeverityText => new("severity_text = ''"),
        Intrinsic.LogEventName => new("event_name = ''"),
        Intrinsic.TraceId => new("trace_id = toFixedString('', 16)"),
        Intrinsic.SpanId => new("span_id = toFixedString('', 8)"),
        Intrinsic.Severity => new("severity <= 0"),
        _ => Predicate.False,
    };

    // A hexadecimal text of the right length is compared as it is stored, so that ix_trace can answer.
    private Predicate OfId(string column, int bytes, Operator op, string text)
    {
        if (op == Operator.Equal) return text.Length == bytes * 2 && text.All(char.IsAsciiHexDigitLower) ? new($"{column} = unhex({_parameters.Text(text)})") : Predicate.False;
        return new Predicate(Comparison.OfTexts($"lower(hex({column}))", op, text, _parameters)) & new Predicate($"{column} != toFixedString('', {bytes})");
    }
}

/// <summary>A row of <c>logs</c>: all attributes are in its map.</summary>
internal sealed class LogRow(SqlParameters parameters) : AttributeRow
{
    protected override IEnumerable<StoredValue> Find(string name) => Types.Select(type =>
    {
        string key = parameters.Text($"{type}:{name}");
        return new StoredValue(type, $"mapContains(attributes, {key})", $"attributes[{key}]", Item: text => $"{key}, {text}");
    });
}
