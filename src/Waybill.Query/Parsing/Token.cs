using Waybill.Query.Syntax;

namespace Waybill.Query.Parsing;

internal enum TokenKind : byte
{
    End, OpenBrace, CloseBrace, OpenParenthesis, CloseParenthesis, Comma, Pipe,

    /// <summary>And, Or, a comparison, regex match or arithmetic: the operator is in the token. <c>&lt;</c>, <c>&gt;</c> and <c>!~</c> are also structural.</summary>
    Operator,

    /// <summary>An operator that is structural only.</summary>
    Structural,
    Not, Identifier, Attribute, ScopedIntrinsic, Value,
}

/// <summary>One word of the text.</summary>
/// <param name="Text">Of an identifier, an attribute's name (unquoted), a scoped intrinsic (<c>span:id</c>).</param>
internal readonly record struct Token(TokenKind Kind, TextSpan At)
{
    public string? Text { get; init; }
    public Static Value { get; init; }
    public Operator Operator { get; init; }
    public Relation Relation { get; init; }
    public RelationForm Form { get; init; }
    public AttributeScope Scope { get; init; }
    public bool OfParent { get; init; }

    /// <summary>A number one beyond the largest int: valid only behind a minus.</summary>
    public bool IsMinIntWithoutSign { get; init; }

    public bool Is(Operator op) => Kind == TokenKind.Operator && Operator == op;

    /// <summary>The token as a structural operator, if it is one in some place.</summary>
    public bool TryStructural(out Relation relation, out RelationForm form)
    {
        (relation, form) = (Relation, Form);
        if (Kind == TokenKind.Structural) return true;
        if (Kind != TokenKind.Operator) return false;
        switch (Operator)
        {
            case Operator.Greater: relation = Relation.Child; return true;
            case Operator.Less: relation = Relation.Parent; return true;
            case Operator.NotMatch: (relation, form) = (Relation.Sibling, RelationForm.Negated); return true;
            default: return false;
        }
    }
}
