using Waybill.Engine;
using Waybill.Query.Syntax;
using Waybill.Spans;

namespace Waybill.Search;

/// <summary>The fields that a query mentions: which columns its traces are read with, and what is shown of their spans.</summary>
internal sealed class QueryFields
{
    private const string Always = "trace_id, span_id, parent_id, start, duration, service, name, kind, status, status_message, weight, resource_id, scope_id";

    private readonly List<FieldReference> _fields = [];

    private QueryFields(IEnumerable<Node> nodes)
    {
        foreach (Node node in nodes) Visit(node);
        // Also what SQL does not see, because the interpreter looks at it.
        foreach (AttributeReference attribute in _fields.OfType<AttributeReference>()) ReadScope.Mask?.Refuse(attribute.Name);
        HasSpan = Mentions(AttributeScope.Span);
        HasResource = Mentions(AttributeScope.Resource, besides: "service.name");
        HasScope = Mentions(AttributeScope.Instrumentation) || Mentions(Intrinsic.InstrumentationName, Intrinsic.InstrumentationVersion);
        HasEvents = Mentions(AttributeScope.Event) || Mentions(Intrinsic.EventName, Intrinsic.EventTimeSinceStart);
        HasLinks = Mentions(AttributeScope.Link) || Mentions(Intrinsic.LinkTraceId, Intrinsic.LinkSpanId);
        Promoted = [.. PromotedColumns.Strings.Where(promoted => Attributes(AttributeScope.Span).Any(field => field.Name == promoted.Key))];
        HasStatusCode = Attributes(AttributeScope.Span).Any(field => field.Name == PromotedColumns.StatusKey);
    }

    /// <summary>For what looks at all attributes of spans and resources.</summary>
    public static readonly QueryFields Everything = new();

    private QueryFields()
    {
        (HasSpan, HasResource, HasStatusCode) = (true, true, true);
        Promoted = PromotedColumns.Strings;
    }

    public static QueryFields Of(params IEnumerable<Node> nodes) => new(nodes);

    /// <summary>Each once, in the order of the query.</summary>
    public IReadOnlyList<FieldReference> All => _fields;

    /// <summary>Names of attributes, for the catalog.</summary>
    public IReadOnlyCollection<string> AttributeNames => [.. _fields.OfType<AttributeReference>().Select(attribute => attribute.Name).Distinct()];

    public bool HasSpan { get; }

    /// <summary>Whether it takes more of a resource than its service, which every row names.</summary>
    public bool HasResource { get; }
    public bool HasScope { get; }
    public bool HasEvents { get; }
    public bool HasLinks { get; }
    public bool HasStatusCode { get; }
    public IReadOnlyList<PromotedAttribute> Promoted { get; }

    /// <summary>Columns of <c>spans</c>, as narrow as the fields allow: the map is most of a span.</summary>
    public string Columns
    {
        get
        {
            List<string> columns = [Always, .. Promoted.Select(promoted => promoted.Column)];
            if (HasStatusCode) columns.Add(PromotedColumns.StatusColumn);
            if (HasSpan) columns.Add("attributes");
            if (HasEvents) columns.Add("events");
            if (HasLinks) columns.Add("links");
            return string.Join(", ", columns);
        }
    }

    private IEnumerable<AttributeReference> Attributes(AttributeScope scope) => _fields.OfType<AttributeReference>().Where(field => field.Scope == scope || field.Scope == AttributeScope.Any);

    private bool Mentions(AttributeScope scope, string? besides = null) => Attributes(scope).Any(field => field.Scope == AttributeScope.Any || field.Name != besides);

    private bool Mentions(params Intrinsic[] intrinsics) => _fields.OfType<IntrinsicReference>().Any(field => intrinsics.Contains(field.Intrinsic));

    private void Visit(Node? node)
    {
        switch (node)
        {
            case FieldReference field:
                if (!_fields.Contains(field)) _fields.Add(field);
                break;
            case UnaryExpression unary: Visit(unary.Operand); break;
            case BinaryExpression binary: Visit(binary.Left); Visit(binary.Right); break;
            case Pipeline pipeline: foreach (PipelineStage stage in pipeline.Stages) Visit(stage); break;
            case SpansetFilter filter: Visit(filter.Condition); break;
            case SpansetLogic logic: Visit(logic.Left); Visit(logic.Right); break;
            case StructuralOperation structure: Visit(structure.Left); Visit(structure.Right); break;
            case SubPipeline sub: Visit(sub.Pipeline); break;
            case ScalarFilter filter: Visit(filter.Left); Visit(filter.Right); break;
            case ScalarArithmetic arithmetic: Visit(arithmetic.Left); Visit(arithmetic.Right); break;
            case Aggregate aggregate: Visit(aggregate.Argument); break;
            case GroupBy group: Visit(group.Key); break;
            case Select select: foreach (FieldReference field in select.Fields) Visit(field); break;
            case MetricsPipeline metrics: Visit(metrics.Source); Visit(metrics.Aggregate); break;
            case RangeAggregate range: Visit(range.Argument); foreach (FieldReference field in range.By) Visit(field); break;
            case Compare compare: Visit(compare.Selection); break;
            case MetricsArithmetic arithmetic: Visit(arithmetic.Left); Visit(arithmetic.Right); break;
            case MetricsStage stage: Visit(stage.Source); break;
        }
    }
}
