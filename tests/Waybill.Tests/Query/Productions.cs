using System.Collections;
using System.Reflection;
using Waybill.Query.Syntax;

namespace Waybill.Query;

/// <summary>Which parts of the language a tree uses: its node types, and the values of their enums and statics.</summary>
internal static class Productions
{
    // PipelineScalar, ScalarArithmetic and Parent are refused by the checker; log fields belong to the other dialect.
    private static readonly HashSet<string> Elsewhere = new(StringComparer.Ordinal)
    {
        "PipelineScalar", "ScalarArithmetic", "Intrinsic.Parent", "Intrinsic.Body", "Intrinsic.Severity", "Intrinsic.SeverityText", "Intrinsic.Service", "Intrinsic.LogEventName", "AttributeScope.Log",
        "StaticType.Severity",
    };

    public static IEnumerable<string> All()
    {
        Type[] types = typeof(Node).Assembly.GetTypes();
        var nodes = types.Where(type => type.IsSubclassOf(typeof(Node)) && !type.IsAbstract).Select(type => type.Name);
        Type[] enums = [typeof(Operator), typeof(UnaryOperator), typeof(Relation), typeof(RelationForm), typeof(Intrinsic), typeof(AttributeScope), typeof(StaticType), typeof(AggregateFunction), typeof(RangeFunction)];
        return nodes.Concat(enums.SelectMany(type => Enum.GetNames(type).Select(name => $"{type.Name}.{name}"))).Except(Elsewhere);
    }

    public static void Of(object? part, HashSet<string> seen)
    {
        switch (part)
        {
            case Enum value: seen.Add($"{value.GetType().Name}.{value}"); break;
            case Static value: seen.Add($"StaticType.{value.Type}"); break;
            case Node node:
                seen.Add(node.GetType().Name);
                foreach (PropertyInfo property in node.GetType().GetProperties().Where(property => property.Name != nameof(Node.At))) Of(property.GetValue(node), seen);
                break;
            case string: break;
            case IEnumerable items:
                foreach (object? item in items) Of(item, seen);
                break;
        }
    }
}
