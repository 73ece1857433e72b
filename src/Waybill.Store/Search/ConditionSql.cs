using Waybill.Query.Syntax;

namespace Waybill.Search;

/// <summary>Turns the condition of a <c>{ }</c> into SQL over a row of <c>spans</c>. What needs more than the row, as a trace's root, is left to others.</summary>
internal sealed class ConditionSql
{
    private const string Root = "parent_id = toFixedString('', 8)";

    private readonly SqlParameters _parameters;
    private readonly SpanRow _span;
    private readonly OriginRow _resource, _scope;
    private readonly AttachmentRow _event, _link;

    public ConditionSql(SqlParameters parameters, KnownKeys known)
    {
        _parameters = parameters;
        _span = new SpanRow(parameters, known);
        (_resource, _scope) = (new OriginRow(parameters, known.Resource), new OriginRow(parameters, known.Instrumentation));
        (_event, _link) = (new AttachmentRow(parameters, known.Event), new AttachmentRow(parameters, known.Link));
    }

    public Predicate Of(FieldExpression? condition) => condition switch
    {
        null => Predicate.True,
        Literal { Value.Type: StaticType.Bool } literal => literal.Value.Integer != 0 ? Predicate.True : Predicate.False,
        AttributeReference attribute => Is(attribute, Static.Of(true)),
        UnaryExpression { Operator: UnaryOperator.Not, Operand: AttributeReference attribute } => Is(attribute, Static.Of(false)),
        UnaryExpression { Operator: UnaryOperator.Not, Operand: UnaryExpression { Operator: UnaryOperator.Not } not } => Of(not.Operand),
        UnaryExpression { Operator: UnaryOperator.Not, Operand: BinaryExpression } not => !Of(not.Operand),
        BinaryExpression { Operator: Operator.And } and => Of(and.Left) & Of(and.Right),
        BinaryExpression { Operator: Operator.Or } or => Of(or.Left) | Of(or.Right),
        BinaryExpression { Left: FieldReference field, Right: Literal literal } compared when compared.Operator.IsComparison() || compared.Operator.IsRegex() => Compare(field, compared.Operator, literal.Value),
        BinaryExpression { Left: Literal literal, Right: FieldReference field } compared when compared.Operator.IsComparison() => Compare(field, compared.Operator.Mirrored(), literal.Value),
        BinaryExpression { Left: FieldReference left, Right: FieldReference right } compared when compared.Operator.IsComparison() => Compare(left, compared.Operator, right),
        _ => Predicate.Unknown,
    };

    /// <summary>A number of the span, NULL where it has none; null when SQL cannot say it.</summary>
    public string? Number(FieldExpression expression) => expression switch
    {
        IntrinsicReference { Intrinsic: Intrinsic.Duration } => "duration",
        AttributeReference { Scope: AttributeScope.Span } attribute => Coalesce([.. _span.Values(attribute.Name).Where(value => value.Number is not null).Select(value => $"toFloat64({value.Number})")]),
        _ => null,
    };

    /// <summary>The same of values that have no fraction by their type.</summary>
    public string? Whole(FieldExpression expression) => expression switch
    {
        IntrinsicReference { Intrinsic: Intrinsic.Duration } => "duration",
        AttributeReference { Scope: AttributeScope.Span } attribute => _span.Values(attribute.Name).Where(value => value.Type == 'i').Select(value => value.Number).ToArray() switch
        {
            [] => "CAST(NULL AS Nullable(Int64))",
            [var only] => only,
            var several => $"coalesce({string.Join(", ", several)})",
        },
        _ => null,
    };

    private static string Coalesce(string[] values) => values.Length switch { 0 => "CAST(NULL AS Nullable(Float64))", 1 => values[0], _ => $"coalesce({string.Join(", ", values)})" };

    private Predicate Compare(FieldReference field, Operator op, Static literal) => (field, literal.Type) switch
    {
        (AttributeReference attribute, StaticType.Nil) => op == Operator.Equal ? !Has(attribute) : Has(attribute),
        (AttributeReference attribute, _) => Compare(attribute, op, literal),
        (IntrinsicReference intrinsic, StaticType.Nil) => op == Operator.NotEqual ? Has(intrinsic.Intrinsic) : Predicate.Unknown,
        (IntrinsicReference intrinsic, _) => Compare(intrinsic.Intrinsic, op, literal),
        _ => Predicate.Unknown,
    };

    // Alone, an attribute stands for its one value: those of events and links are several, which are neither true nor false.
    private Predicate Is(AttributeReference attribute, Static literal) => attribute.Scope switch
    {
        AttributeScope.Event or AttributeScope.Link => Predicate.False,
        AttributeScope.Any => OfAny(attribute.Name, Operator.Equal, literal, attached: false),
        _ => Compare(attribute, Operator.Equal, literal),
    };

    private Predicate Compare(AttributeReference attribute, Operator op, Static literal) => attribute.Scope switch
    {
        AttributeScope.Span => OfSpan(attribute.Name, op, literal),
        AttributeScope.Resource => OfResource(attribute.Name, op, literal),
        AttributeScope.Event => OfAttachments("events", _event, attribute.Name, op, literal),
        AttributeScope.Link => OfAttachments("links", _link, attribute.Name, op, literal),
        AttributeScope.Instrumentation => OfScope(attribute.Name, op, literal),
        AttributeScope.Any => OfAny(attribute.Name, op, literal, attached: true),
        _ => Predicate.Unknown,
    };

    // The first of span, resource, event, link and scope that has the attribute decides.
    private Predicate OfAny(string name, Operator op, Static literal, bool attached)
    {
        Predicate Of(string column, AttachmentRow row) => attached ? OfAttachments(column, row, name, op, literal) : Predicate.False;
        Predicate scope = OfScope(name, op, literal);
        Predicate link = Of("links", _link) | (!Attached("links", _link.Has(name)) & scope);
        Predicate @event = Of("events", _event) | (!Attached("events", _event.Has(name)) & link);
        Predicate resource = OfResource(name, op, literal) | (!OfOrigin("resource", _resource.Has(name)) & @event);
        return OfSpan(name, op, literal) | (!_span.Has(name) & resource);
    }

    private Predicate Has(AttributeReference attribute)
    {
        string name = attribute.Name;
        return attribute.Scope switch
        {
            AttributeScope.Span => _span.Has(name),
            AttributeScope.Resource => OfOrigin("resource", _resource.Has(name)),
            AttributeScope.Event => Attached("events", _event.Has(name)),
            AttributeScope.Link => Attached("links", _link.Has(name)),
            AttributeScope.Instrumentation => OfOrigin("scope", _scope.Has(name)),
            AttributeScope.Any => _span.Has(name) | OfOrigin("resource", _resource.Has(name)) | Attached("events", _event.Has(name)) | Attached("links", _link.Has(name)) | OfOrigin("scope", _scope.Has(name)),
            _ => Predicate.Unknown,
        };
    }

    private Predicate OfSpan(string name, Operator op, Static literal) => Predicate.Any(_span.Values(name).Select(value => value.Compare(op, literal, _parameters)));

    private Predicate OfScope(string name, Operator op, Static literal) => OfOrigin("scope", OnOrigin(_scope, name, op, literal));

    private Predicate OfResource(string name, Operator op, Static literal)
    {
        // The column service is the attribute, but for resources that have none: they are called unknown_service.
        if (name == "service.name" && literal.Type == StaticType.String && !Comparison.Holds("unknown_service", op, literal.Text!) && !Comparison.Holds("", op, literal.Text!))
            return new(Comparison.OfTexts("service", op, literal.Text!, _parameters));
        return OfOrigin("resource", OnOrigin(_resource, name, op, literal));
    }

    private Predicate OnOrigin(OriginRow row, string name, Operator op, Static literal) =>
        Predicate.Any(row.Values(name).Select(value => value.Compare(op, literal, _parameters) with { Index = null }));

    private static Predicate OfOrigin(string kind, Predicate onOrigin) => onOrigin.IsFalse ? Predicate.False
        : new($"{kind}_id IN (SELECT {kind}_id FROM {kind}s WHERE tenant = {{tenant:String}} AND {onOrigin.Sql})", onOrigin.IsExact);

    private Predicate OfAttachments(string column, AttachmentRow row, string name, Operator op, Static literal)
    {
        // Several events are several values: one must satisfy a comparison, but all of them != and !~.
        Predicate has = row.Has(name);
        Predicate holds = Predicate.Any(row.Values(name).Select(value => value.Compare(op, literal, _parameters)));
        return op is Operator.NotEqual or Operator.NotMatch ? Attached(column, has) & !Attached(column, has & !holds) : Attached(column, holds);
    }

    /// <summary>Whether an event or link of the span satisfies a predicate over <c>e</c>.</summary>
    private static Predicate Attached(string column, Predicate onElement) => onElement.IsFalse ? Predicate.False
        : new($"({column} != '' AND arrayExists(e -> {onElement.Sql}, JSONExtractArrayRaw({column})))", onElement.IsExact);

    private static Predicate Has(Intrinsic intrinsic) => intrinsic switch
    {
        Intrinsic.EventName or Intrinsic.EventTimeSinceStart => new("events != ''"),
        Intrinsic.LinkTraceId or Intrinsic.LinkSpanId => new("links != ''"),
        Intrinsic.Duration or Intrinsic.Name or Intrinsic.Status or Intrinsic.Kind or Intrinsic.SpanId or Intrinsic.TraceId => Predicate.True,
        _ => Predicate.Unknown,
    };

    private Predicate Compare(Intrinsic intrinsic, Operator op, Static literal) => intrinsic switch
    {
        Intrinsic.Duration => OfNumber("duration", op, literal),
        Intrinsic.Name => OfText("name", op, literal),
        Intrinsic.StatusMessage => OfText("status_message", op, literal),
        Intrinsic.Status => OfCode("status", StaticType.Status, op, literal),
        Intrinsic.Kind => OfCode("kind", StaticType.Kind, op, literal),
        Intrinsic.TraceId => OfId("trace_id", 16, op, literal),
        Intrinsic.SpanId => OfId("span_id", 8, op, literal),
        Intrinsic.ParentId => OfText($"if({Root}, '', lower(hex(parent_id)))", op, literal),
        Intrinsic.NestedSetParent => OfNestedSetParent(op, literal),
        Intrinsic.InstrumentationName => OfOrigin("scope", OfText("name", op, literal)),
        Intrinsic.InstrumentationVersion => OfOrigin("scope", OfText("version", op, literal)),
        Intrinsic.EventName => OfElements("events", "JSONExtractString(e, 'name')", op, literal),
        Intrinsic.EventTimeSinceStart => OfElements("events", "JSONExtractInt(e, 'time') - toUnixTimestamp64Nano(start)", op, literal),
        Intrinsic.LinkTraceId => OfElements("links", "JSONExtractString(e, 'trace')", op, literal),
        Intrinsic.LinkSpanId => OfElements("links", "JSONExtractString(e, 'span')", op, literal),
        Intrinsic.RootName => OfTraces($"{Root} GROUP BY trace_id HAVING {OfText("argMin(name, (start, span_id))", op, literal).Sql}"),
        Intrinsic.RootServiceName when literal.Type == StaticType.String && !Comparison.Holds("unknown_service", op, literal.Text!) =>
            OfTraces($"{Root} GROUP BY trace_id HAVING {OfText("argMin(service, (start, span_id))", op, literal).Sql}"),
        Intrinsic.TraceDuration => OfTraces($"1 GROUP BY trace_id HAVING {OfNumber("max(toUnixTimestamp64Nano(start) + duration) - min(toUnixTimestamp64Nano(start))", op, literal).Sql}"),
        _ => Predicate.Unknown,   // of the tree
    };

    // What a trace began with is looked for up to an hour away; of traces that are longer than that, late spans are not found by it.
    private static Predicate OfTraces(string condition) => new($"trace_id IN (SELECT trace_id FROM spans WHERE {SpanSelection.TraceReach} AND {condition})");

    private Predicate OfText(string sql, Operator op, Static literal) =>
        literal.Type == StaticType.String ? new(Comparison.OfTexts(sql, op, literal.Text!, _parameters)) : Predicate.False;

    private Predicate OfNumber(string sql, Operator op, Static literal) => !literal.IsNumeric ? Predicate.False
        : new(literal.Type == StaticType.Float ? $"toFloat64({sql}) {op.Text()} {_parameters.Float(literal.Float)}" : $"{sql} {op.Text()} {_parameters.Int(literal.Integer)}");

    private Predicate OfCode(string column, StaticType type, Operator op, Static literal) =>
        literal.Type == type || literal.Type == StaticType.Int ? new($"{column} {op.Text()} {_parameters.Int(literal.Integer)}") : Predicate.False;

    private Predicate OfId(string column, int bytes, Operator op, Static literal)
    {
        if (op != Operator.Equal || literal.Type != StaticType.String) return OfText($"lower(hex({column}))", op, literal);
        bool isId = literal.Text!.Length == bytes * 2 && literal.Text.All(c => char.IsAsciiHexDigitLower(c) || char.IsAsciiDigit(c));
        return isId ? new($"{column} = unhex({_parameters.Text(literal.Text)})") : Predicate.False;
    }

    // -1 is a root's; everyone else's is 0 or more.
    private static Predicate OfNestedSetParent(Operator op, Static literal)
    {
        if (!literal.IsNumeric) return Predicate.False;
        double number = literal.Number;
        return op switch
        {
            Operator.Less when number is > -1 and <= 0 => new(Root),
            Operator.LessOrEqual when number is >= -1 and < 0 => new(Root),
            Operator.Equal when number == -1 => new(Root),
            Operator.GreaterOrEqual when number is > -1 and <= 0 => new($"NOT {Root}"),
            Operator.Greater when number is >= -1 and < 0 => new($"NOT {Root}"),
            Operator.NotEqual when number == -1 => new($"NOT {Root}"),
            _ => Predicate.Unknown,
        };
    }

    private Predicate OfElements(string column, string value, Operator op, Static literal)
    {
        Predicate holds = literal.Type == StaticType.String ? OfText(value, op, literal) : OfNumber($"({value})", op, literal);
        return op is Operator.NotEqual or Operator.NotMatch ? new Predicate($"{column} != ''") & !Attached(column, !holds) : Attached(column, holds);
    }

    /// <summary>Two fields of the span itself with each other.</summary>
    private Predicate Compare(FieldReference left, Operator op, FieldReference right)
    {
        if (Typed(left) is not { } a || Typed(right) is not { } b) return Predicate.Unknown;
        var pairs = from x in a from y in b where x.Type == y.Type && (x.Type != 'b' || op is Operator.Equal or Operator.NotEqual) select new Predicate($"ifNull({x.Sql} {op.Text()} {y.Sql}, 0)");
        return Predicate.Any(pairs);
    }

    private List<(char Type, string Sql)>? Typed(FieldReference field) => field switch
    {
        IntrinsicReference { Intrinsic: Intrinsic.Duration } => [('n', "duration")],
        IntrinsicReference { Intrinsic: Intrinsic.Name } => [('s', "name")],
        AttributeReference { Scope: AttributeScope.Span } attribute when _span.Values(attribute.Name).All(value => value.Type != 'j') =>
            [.. _span.Values(attribute.Name).Select(value => value.Type switch { 's' => ('s', value.Text!), 'b' => ('b', value.Bool!), _ => ('n', value.Number!) })],
        AttributeReference { Scope: AttributeScope.Resource, Name: "service.name" } => [('s', "service")],
        _ => null,
    };
}
