using Waybill.Query.Syntax;
using Waybill.Spans;

namespace Waybill.Search;

/// <summary>The fields that a query mentions: which columns its traces are read with, and what is shown of their spans.</summary>
internal sealed class QueryFields
{
    private const string Always = "trace_id, span_id, parent_id, start, duration, service, name, kind, status, resource_id, scope_id, status_message";

    private readonly List<FieldReference> _fields = [];

    private QueryFields(Pipeline pipeline) => Visit(pipeline);

    public static QueryFields Of(Pipeline pipeline) => new(pipeline);

    /// <summary>Each once, in the order of the query.</summary>
    public IReadOnlyList<FieldReference> All => _fields;

    /// <summary>Names of attributes, for the catalog.</summary>
    public IReadOnlyCollection<string> AttributeNames => [.. _fields.OfType<AttributeReference>().Select(field => field.Name).Distinct()];

    public bool HasResource => _fields.Any(field => field is AttributeReference { Scope: AttributeScope.Resource or AttributeScope.Any });
    public bool HasScope => _fields.Any(field => field is AttributeReference { Scope: AttributeScope.Instrumentation or AttributeScope.Any }
        or IntrinsicReference { Intrinsic: Intrinsic.InstrumentationName or Intrinsic.InstrumentationVersion });

    /// <summary>Columns of <c>spans</c>, as narrow as the fields allow: the map is most of a span.</summary>
    public string Columns
    {
        get
        {
            List<string> columns = [Always];
            var ofSpans = _fields.OfType<AttributeReference>().Where(field => field.Scope is AttributeScope.Span or AttributeScope.Any).ToList();
            foreach (var promoted in PromotedColumns.Strings)
                if (ofSpans.Any(field => field.Name == promoted.Key)) columns.Add(promoted.Column);
            if (ofSpans.Any(field => field.Name == PromotedColumns.StatusKey)) columns.Add(PromotedColumns.StatusColumn);
            if (ofSpans.Count > 0) columns.Add("attributes");
            if (_fields.Any(field => field is AttributeReference { Scope: AttributeScope.Event or AttributeScope.Any } or IntrinsicReference { Intrinsic: Intrinsic.EventName or Intrinsic.EventTimeSinceStart })) columns.Add("events");
            if (_fields.Any(field => field is AttributeReference { Scope: AttributeScope.Link or AttributeScope.Any } or IntrinsicReference { Intrinsic: Intrinsic.LinkTraceId or Intrinsic.LinkSpanId })) columns.Add("links");
            return string.Join(", ", columns);
        }
    }

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
        }
    }
}
