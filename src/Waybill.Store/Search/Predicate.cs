namespace Waybill.Search;

/// <summary>A condition as SQL, or as much of it as SQL can say.</summary>
/// <param name="Sql">1 for every row for which the condition is true; never NULL.</param>
/// <param name="IsExact">0 for all others. When not, the condition is to be checked again by the language's interpreter.</param>
/// <param name="Index">Follows from <paramref name="Sql"/> and is in the form that <c>ix_attributes</c> answers; null when there is none.</param>
internal sealed record Predicate(string Sql, bool IsExact = true, string? Index = null)
{
    public static readonly Predicate True = new("1"), False = new("0"), Unknown = new("1", IsExact: false);

    public bool IsTrue => Sql == "1";
    public bool IsFalse => Sql == "0";

    /// <summary>The condition for WHERE: what the index can answer stands beside it.</summary>
    public string Where => Index is null ? Sql : $"{Index} AND {Sql}";

    public static Predicate operator &(Predicate left, Predicate right)
    {
        if (left.IsFalse || right.IsFalse) return False;
        bool exact = left.IsExact && right.IsExact;
        if (left.IsTrue) return right with { IsExact = exact };
        if (right.IsTrue) return left with { IsExact = exact };
        string? index = left.Index is null ? right.Index : right.Index is null ? left.Index : $"{left.Index} AND {right.Index}";
        return new($"({left.Sql} AND {right.Sql})", exact, index);
    }

    public static Predicate operator |(Predicate left, Predicate right)
    {
        if (left.IsFalse) return right;
        if (right.IsFalse) return left;
        bool exact = left.IsExact && right.IsExact;
        if (left.IsTrue || right.IsTrue) return new("1", exact || (left.IsTrue && left.IsExact) || (right.IsTrue && right.IsExact));
        return new($"({left.Sql} OR {right.Sql})", exact, left.Index is null || right.Index is null ? null : $"({left.Index} OR {right.Index})");
    }

    /// <summary>What is not known to be exact may be wrong the other way round, so nothing is left of it.</summary>
    public static Predicate operator !(Predicate of) => !of.IsExact ? Unknown : of.IsTrue ? False : of.IsFalse ? True : new($"NOT {of.Sql}");

    public static Predicate Any(IEnumerable<Predicate> predicates) => predicates.Aggregate(False, (left, right) => left | right);
}
