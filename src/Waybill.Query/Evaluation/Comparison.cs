using Waybill.Query.Syntax;

namespace Waybill.Query.Evaluation;

/// <summary>The series of <c>compare()</c>: of each attribute the counts of its commonest values, among the selected spans and among the others.</summary>
internal static class Comparison
{
    private const string TypeLabel = "__meta_type";

    private static readonly Intrinsic[] OwnFields = [Intrinsic.Name, Intrinsic.Kind, Intrinsic.Status, Intrinsic.StatusMessage, Intrinsic.RootName, Intrinsic.RootServiceName];

    public static IReadOnlyList<Series> Of(Compare compare, IReadOnlyList<Observation> observed, MetricsWindow window)
    {
        var series = new List<Series>();
        foreach (var side in observed.GroupBy(item => IsSelected(compare, item)))
        {
            string type = side.Key ? "selection" : "baseline";
            var fields = side.SelectMany(item => Fields(item).Select(field => (item, field.Name, field.Value))).GroupBy(found => found.Name);
            foreach (var field in fields)
            {
                series.Add(Counted([new(TypeLabel, Static.Of($"{type}_total")), new(field.Key, Static.Of("nil"))], field.Select(found => found.item), window));
                var values = field.GroupBy(found => found.Value).OrderByDescending(value => value.Sum(found => found.item.Span.Weight)).ThenBy(value => value.Key.ToString(), StringComparer.Ordinal);
                foreach (var value in values.Take(compare.Top))
                    series.Add(Counted([new(TypeLabel, Static.Of(type)), new(field.Key, value.Key)], value.Select(found => found.item), window));
            }
        }
        return series;
    }

    private static bool IsSelected(Compare compare, Observation item)
    {
        bool inTime = compare.StartUnixNano is not { } from || item.Span.StartUnixNano >= from && item.Span.StartUnixNano < compare.EndUnixNano;
        return inTime && (compare.Selection.Condition is not { } condition || item.Interpreter.Value(condition, item.Span) is { IsTrue: true });
    }

    private static IEnumerable<(string Name, Static Value)> Fields(Observation item)
    {
        var own = OwnFields.Select(field => new IntrinsicReference(field)).Select(field => (field.ToString(), item.Value(field))).Where(field => field.Item2.Type != StaticType.Nil);
        var span = item.Span.Attributes.Select(pair => (new AttributeReference(AttributeScope.Span, pair.Key).ToString(), pair.Value.First));
        var resource = item.Span.Resource.Select(pair => (new AttributeReference(AttributeScope.Resource, pair.Key).ToString(), pair.Value.First));
        return own.Concat(span).Concat(resource);
    }

    private static Series Counted(NodeList<Label> labels, IEnumerable<Observation> items, MetricsWindow window)
    {
        double[] values = new double[window.Count];
        foreach (Observation item in items) values[item.Bucket] += item.Span.Weight;
        return new Series(labels, values);
    }
}
