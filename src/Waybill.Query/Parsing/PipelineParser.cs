using Waybill.Query.Diagnostics;
using Waybill.Query.Syntax;

namespace Waybill.Query.Parsing;

/// <summary>
/// Reads stages and what joins them. Spansets, numbers and metrics share their operators and parentheses, so all are read by one
/// precedence climber; <see cref="Combiner"/> says what may stand on both sides of which.
/// </summary>
internal sealed class PipelineParser
{
    private const string FirstStage = "{ or ( or an aggregate", LaterStage = "a stage such as { }, count() > 2, by(), select() or rate()";
    private static readonly SpansetFilter Nothing = new((FieldExpression?)null);

    private readonly Cursor _cursor;
    private readonly FieldParser _fields;
    private readonly MetricsParser _metrics;
    private readonly Combiner _combiner;

    public PipelineParser(Cursor cursor)
    {
        _cursor = cursor;
        _fields = new FieldParser(cursor);
        _metrics = new MetricsParser(cursor, _fields, SpansetFilter);
        _combiner = new Combiner(cursor);
    }

    /// <summary>Everything up to the end or a closing parenthesis.</summary>
    /// <returns>A pipeline, a metrics expression, or, in parentheses, also an operand: a spanset expression or a scalar.</returns>
    public Node Whole(bool inParentheses)
    {
        int start = _cursor.Token.At.Start;
        Node first = Stage(isFirst: true);
        if (first is MetricsExpression metrics) return inParentheses ? metrics : _metrics.Stages(metrics, start);
        if (first is ScalarExpression scalar)
        {
            if (!inParentheses) _combiner.Standalone(scalar);
            return scalar;
        }
        if (_cursor.Token.Kind != TokenKind.Pipe && first is SpansetExpression && inParentheses) return first;
        if (_cursor.Token.Kind == TokenKind.Pipe && first is SpansetExpression { JoinsPipelines: true }) FailContinued();

        var stages = new List<PipelineStage> { (PipelineStage)first };
        while (_cursor.TryTake(TokenKind.Pipe))
        {
            if (_metrics.TryAggregate() is { } aggregate)
            {
                var source = _cursor.Made(new Pipeline([.. stages]), stages[0].At.To(stages[^1].At));
                return _metrics.Stages(_cursor.Made(new MetricsPipeline(source, aggregate), start), start);
            }
            Node stage = Stage(isFirst: false);
            if (stage is PipelineStage more) stages.Add(more);
            else if (stage is Aggregate last && inParentheses && _cursor.Token.Kind == TokenKind.CloseParenthesis)
                return _cursor.Made(new PipelineScalar(_cursor.Made(new Pipeline([.. stages]), start), last), start);
            else _combiner.Standalone(stage);
        }
        return _cursor.Made(new Pipeline([.. stages]), start);
    }

    private Node Stage(bool isFirst)
    {
        Token token = _cursor.Token;
        if (token.Kind != TokenKind.Identifier) return Expression(isFirst ? FirstStage : LaterStage);
        switch (token.Text)
        {
            case "by": return GroupBy();
            case "select": return Select();
            case "coalesce": return Coalesce(isFirst);
        }
        return Expression(isFirst ? FirstStage : LaterStage);
    }

    private Node Expression(string expected, int precedenceMin = 1)
    {
        if (!_cursor.Enter()) return Nothing;
        Node left = Operand(expected);
        while (!_cursor.Failed && Precedence(_cursor.Token) is var precedence && precedence >= precedenceMin)
        {
            Token op = _cursor.Take();
            Node right = Expression("an operand", op.Is(Operator.Power) ? precedence : precedence + 1);
            if (!_cursor.Failed) left = _combiner.Combine(left, op, right);
        }
        _cursor.Leave();
        return left;
    }

    private static int Precedence(Token token) => token.Kind switch
    {
        TokenKind.Operator => token.Operator.Precedence(),
        TokenKind.Structural => Operator.Equal.Precedence(),
        _ => 0,
    };

    private Node Operand(string expected)
    {
        Token token = _cursor.Token;
        switch (token.Kind)
        {
            case TokenKind.OpenBrace: return SpansetFilter();
            case TokenKind.OpenParenthesis: return Parenthesised();
            case TokenKind.Value when token.Value.IsNumeric: return Number(negative: false);
            case TokenKind.Operator when token.Operator == Operator.Subtract: return Negative();
            case TokenKind.Identifier when Words.Aggregates.TryGetValue(token.Text!, out AggregateFunction function): return Aggregate(function);
            case TokenKind.Identifier: UnknownWord(expected); return Nothing;
            default:
                if (token.Kind is TokenKind.Attribute or TokenKind.ScopedIntrinsic) OutsideBraces();
                else _cursor.Unexpected(expected);
                return Nothing;
        }
    }

    /// <summary>Outside of braces only a constant has a sign.</summary>
    private Node Negative()
    {
        Token minus = _cursor.Take();
        if (_cursor.Token is { Kind: TokenKind.Value, Value.IsNumeric: true }) return Number(negative: true);
        if (!_cursor.Enter()) return Nothing;
        Node operand = Operand("a number");
        _cursor.Leave();
        if (!_cursor.Failed && operand is ScalarNumber constant) return _cursor.Made(new ScalarNumber(Numbers.Negated(constant.Value)), minus.At.Start);
        _cursor.Fail(DiagnosticCode.NeedsNumbers, minus.At, "A minus before anything but a number is read in { } only.", "a number", "Subtract from 0.");
        return Nothing;
    }

    private Node Parenthesised()
    {
        Token open = _cursor.Token;
        if (!_cursor.Enter()) return Nothing;
        _cursor.TryOpen(TokenKind.OpenParenthesis, "(");
        Node inner = Whole(inParentheses: true);
        _cursor.Close(TokenKind.CloseParenthesis, "| or an operator or )");
        _cursor.Leave();
        var at = open.At.To(_cursor.Last);
        return inner is Pipeline pipeline ? _cursor.Made(new SubPipeline(pipeline), at) : inner with { At = at };
    }

    private SpansetFilter SpansetFilter()
    {
        Token open = _cursor.Token;
        if (!_cursor.TryOpen(TokenKind.OpenBrace, "{")) return Nothing;
        FieldExpression? condition = _cursor.Token.Kind == TokenKind.CloseBrace ? null : _fields.Expression();
        _cursor.Close(TokenKind.CloseBrace, "an operator or }");
        return _cursor.Made(new SpansetFilter(condition), open.At.Start);
    }

    private ScalarNumber Number(bool negative)
    {
        Token token = _cursor.Take();
        int start = negative ? token.At.Start - 1 : token.At.Start;
        if (token.IsMinIntWithoutSign && !negative) _cursor.Fail(DiagnosticCode.NumberTooLarge, token.At, "The number is beyond a 64-bit int.", hint: "Write it with a decimal point to make it a float.");
        return _cursor.Made(new ScalarNumber(negative && !token.IsMinIntWithoutSign ? Numbers.Negated(token.Value) : token.Value), start);
    }

    private Aggregate Aggregate(AggregateFunction function)
    {
        Token name = _cursor.Take();
        _cursor.TryOpen(TokenKind.OpenParenthesis, $"( after {name.Text}");
        FieldExpression? argument = null;
        if (_cursor.Token.Kind != TokenKind.CloseParenthesis) argument = _fields.Expression();
        _cursor.Close(TokenKind.CloseParenthesis, ")");
        if (function == AggregateFunction.Count && argument is not null)
            _cursor.Fail(DiagnosticCode.UnexpectedArgument, argument.At, "count() takes no argument.", ")", "It counts the spans of a spanset; choose them before: { .x != nil } | count() > 2.", "");
        if (function != AggregateFunction.Count && argument is null)
            _cursor.Fail(DiagnosticCode.MissingArgument, name.At.To(_cursor.Last), $"{name.Text}() needs to know of what.", "a field", $"For example {name.Text}(duration).", $"{name.Text}(duration)");
        return _cursor.Made(new Aggregate(function, argument), name.At.Start);
    }

    private GroupBy GroupBy()
    {
        Token name = _cursor.Take();
        _cursor.TryOpen(TokenKind.OpenParenthesis, "( after by");
        FieldExpression key = _fields.Expression();
        if (_cursor.Token.Kind == TokenKind.Comma)
            _cursor.Fail(DiagnosticCode.UnexpectedArgument, _cursor.Token.At, "Outside of metrics by() takes one field.", ")", "Group twice: by(a) | by(b).");
        _cursor.Close(TokenKind.CloseParenthesis, ")");
        return _cursor.Made(new GroupBy(key), name.At.Start);
    }

    private Select Select()
    {
        Token name = _cursor.Take();
        var fields = _metrics.References("( after select");
        return _cursor.Made(new Select(fields), name.At.Start);
    }

    private Coalesce Coalesce(bool isFirst)
    {
        Token name = _cursor.Take();
        if (isFirst) _cursor.Fail(DiagnosticCode.CoalesceFirst, name.At, "coalesce() joins what by() has divided, so it cannot come first.", FirstStage, "For example { } | by(resource.service.name) | coalesce().");
        _cursor.TryOpen(TokenKind.OpenParenthesis, "( after coalesce");
        _cursor.Close(TokenKind.CloseParenthesis, ")");
        return _cursor.Made(new Coalesce(), name.At.Start);
    }

    private void FailContinued() => _cursor.Fail(DiagnosticCode.MixedPipelines, _cursor.Token.At, "What joins pipelines in parentheses is not continued by another stage.", "the end",
        "Put the stage into the parentheses.");

    private void OutsideBraces()
    {
        string text = _cursor.Text(_cursor.Token.At);
        _cursor.Fail(DiagnosticCode.Unexpected, _cursor.Token.At, $"{_cursor.Shown()} stands outside of braces.", FirstStage, $"Conditions on spans stand in braces: {{ {text} != nil }}.");
    }

    private void UnknownWord(string expected)
    {
        Token token = _cursor.Token;
        string word = token.Text!;
        if (Guesses.WordOperator(word) is not null) _cursor.Unexpected(expected);
        else if (Words.RangeFunctions.ContainsKey(word) || word is "compare" or "topk" or "bottomk")
            _cursor.Fail(DiagnosticCode.MetricsStagePlace, token.At, word is "topk" or "bottomk" ? $"{word}() comes behind a metrics function." : $"{word}() comes behind a pipe, and closes the search part.", expected,
                word is "topk" or "bottomk" ? $"For example {{ }} | rate() by(resource.service.name) | {word}(5)." : $"For example {{ }} | {word}({(word is "rate" or "count_over_time" ? "" : "…")}). In arithmetic each side stands in parentheses.");
        else if (Intrinsics.TryFind(_cursor.Dialect, word, out _) || Words.Statics(_cursor.Dialect).ContainsKey(word) || _cursor.IsDotted(token))
            _cursor.Fail(DiagnosticCode.Unexpected, token.At, $"{_cursor.Shown()} stands outside of braces.", expected, "Conditions on spans stand in braces: { duration > 100ms }.");
        else
        {
            string? nearest = Nearest.To(word, Words.Stages);
            _cursor.Fail(DiagnosticCode.UnknownFunction, token.At, $"There is no function {word}.", expected,
                nearest is null ? "Functions are count, min, max, avg, sum, by, coalesce, select, and for metrics rate, count_over_time, ..., compare." : $"Did you mean {nearest}?", nearest);
        }
    }
}
