using Waybill.Query.Diagnostics;
using Waybill.Query.Syntax;

namespace Waybill.Query.Parsing;

/// <summary>Reads metrics functions and what follows them.</summary>
internal sealed class MetricsParser(Cursor cursor, FieldParser fields, Func<SpansetFilter> selection)
{
    /// <returns>Null when no metrics function stands here.</returns>
    public MetricsAggregate? TryAggregate()
    {
        Token token = cursor.Token;
        if (token.Kind != TokenKind.Identifier) return null;
        if (token.Text == "compare") return Compare();
        if (!Words.RangeFunctions.TryGetValue(token.Text!, out RangeFunction function)) return null;

        cursor.Take();
        cursor.TryOpen(TokenKind.OpenParenthesis, $"( after {token.Text}");
        bool needsArgument = function is not (RangeFunction.Rate or RangeFunction.CountOverTime);
        FieldReference? argument = null;
        var quantiles = new List<double>();
        if (needsArgument && cursor.Token.Kind == TokenKind.CloseParenthesis)
            cursor.Fail(DiagnosticCode.MissingArgument, token.At.To(cursor.Token.At), $"{token.Text}() needs to know of what.", "a field", $"For example {Example(function)}.", Example(function));
        if (!needsArgument && cursor.Token.Kind is not (TokenKind.CloseParenthesis or TokenKind.End))
            cursor.Fail(DiagnosticCode.UnexpectedArgument, cursor.Token.At, $"{token.Text}() takes no argument.", ")", "Write the fields to group by behind it: by(resource.service.name).");
        if (needsArgument) argument = fields.Reference();
        if (function == RangeFunction.QuantileOverTime) Quantiles(quantiles);
        cursor.Close(TokenKind.CloseParenthesis, ")");
        NodeList<FieldReference> by = [];
        if (cursor.Token is { Kind: TokenKind.Identifier, Text: "by" })
        {
            cursor.Take();
            by = References("( after by");
        }
        return cursor.Made(new RangeAggregate(function, argument, [.. quantiles], by), token.At.Start);
    }

    /// <summary>Second stages, as many as follow.</summary>
    public MetricsExpression Stages(MetricsExpression source, int start)
    {
        while (cursor.TryTake(TokenKind.Pipe))
        {
            Token token = cursor.Token;
            if (token is { Kind: TokenKind.Identifier, Text: "topk" or "bottomk" })
            {
                cursor.Take();
                cursor.TryOpen(TokenKind.OpenParenthesis, $"( after {token.Text}");
                long count = Int($"how many series, for example {token.Text}(5)");
                cursor.Close(TokenKind.CloseParenthesis, ")");
                source = cursor.Made(new RankStage(source, token.Text == "topk", count), start);
            }
            else if (token.Kind == TokenKind.Operator && token.Operator.IsComparison())
            {
                cursor.Take();
                source = cursor.Made(new SampleFilter(source, token.Operator, Constant()), start);
            }
            else
            {
                if (token.Kind is TokenKind.OpenBrace || token.Kind == TokenKind.Identifier && Words.Stages.Contains(token.Text))
                    cursor.Fail(DiagnosticCode.MetricsStagePlace, token.At, "Behind a metrics function there are series, no spans any more.", "topk(), bottomk() or a comparison", "Move this stage before the metrics function.");
                cursor.Unexpected("topk(), bottomk() or a comparison");
            }
        }
        return source;
    }

    /// <summary><c>( field, field )</c></summary>
    public NodeList<FieldReference> References(string expected)
    {
        var references = new List<FieldReference>();
        cursor.TryOpen(TokenKind.OpenParenthesis, expected);
        do references.Add(fields.Reference());
        while (cursor.TryTake(TokenKind.Comma));
        cursor.Close(TokenKind.CloseParenthesis, ", or )");
        return [.. references];
    }

    private Compare Compare()
    {
        Token name = cursor.Take();
        cursor.TryOpen(TokenKind.OpenParenthesis, "( after compare");
        SpansetFilter selected = selection();
        long top = Syntax.Compare.TopDefault;
        long? from = null, until = null;
        if (cursor.TryTake(TokenKind.Comma)) top = Int("how many values per attribute");
        if (cursor.TryTake(TokenKind.Comma))
        {
            from = Int("the begin in Unix nanoseconds");
            if (cursor.TryTake(TokenKind.Comma)) until = Int("the end in Unix nanoseconds");
            else cursor.Unexpected(", and the end in Unix nanoseconds");
        }
        cursor.Close(TokenKind.CloseParenthesis, ", or )");
        if (cursor.Token is { Kind: TokenKind.Identifier, Text: "by" })
            cursor.Fail(DiagnosticCode.CompareAlone, cursor.Token.At, "compare() looks at every attribute; it is not grouped.", "the end");
        return cursor.Made(new Compare(selected, (int)Math.Clamp(top, int.MinValue, int.MaxValue), from, until), name.At.Start);
    }

    private void Quantiles(List<double> quantiles)
    {
        if (cursor.Token.Kind == TokenKind.CloseParenthesis)
            cursor.Fail(DiagnosticCode.MissingArgument, cursor.Token.At, "quantile_over_time() needs at least one quantile.", ", and a number from 0 to 1", "For example quantile_over_time(duration, 0.5, 0.99).", ", 0.99)");
        while (cursor.TryTake(TokenKind.Comma))
        {
            Token token = cursor.Token;
            if (token is { Kind: TokenKind.Value, Value.Type: StaticType.Int or StaticType.Float })
            {
                cursor.Take();
                quantiles.Add(token.Value.Number);
            }
            else cursor.Unexpected("a number from 0 to 1");
        }
    }

    private long Int(string expected)
    {
        bool negative = cursor.Token.Is(Operator.Subtract);
        if (negative) cursor.Take();
        if (cursor.Token is { Kind: TokenKind.Value, Value.Type: StaticType.Int, IsMinIntWithoutSign: false })
        {
            long value = cursor.Take().Value.Integer;
            return negative ? -value : value;
        }
        cursor.Unexpected(expected);
        return 1;
    }

    // A constant of a second stage: a number or a duration, folded by the climber of constants.
    private Static Constant(int precedenceMin = 1)
    {
        if (!cursor.Enter()) return default;
        int start = cursor.Token.At.Start;
        Static left = ConstantOperand();
        while (cursor.Token.Kind == TokenKind.Operator && cursor.Token.Operator.IsArithmetic() && cursor.Token.Operator.Precedence() >= precedenceMin)
        {
            Token op = cursor.Take();
            Static right = Constant(op.Operator.Precedence() + 1);
            bool durations = left.Type == StaticType.Duration || right.Type == StaticType.Duration;
            if (!durations && Numbers.Folded(op.Operator, left, right) is { } folded) left = folded;
            else cursor.Fail(DiagnosticCode.NeedsNumbers, new TextSpan(start, Math.Max(0, cursor.Last.End - start)), "This has no number as its result.", "a number", "Write the result.");
        }
        cursor.Leave();
        return left;
    }

    private Static ConstantOperand()
    {
        bool negative = false;
        while (cursor.Token.Is(Operator.Subtract))
        {
            cursor.Take();
            negative = !negative;
        }
        Static value = default;
        if (cursor.Token.Kind == TokenKind.OpenParenthesis)
        {
            cursor.TryOpen(TokenKind.OpenParenthesis, "(");
            value = Constant();
            cursor.Close(TokenKind.CloseParenthesis, ")");
        }
        else if (cursor.Token is { Kind: TokenKind.Value, Value.IsNumeric: true })
        {
            Token token = cursor.Take();
            value = token.Value;
            if (token.IsMinIntWithoutSign)
            {
                if (negative) return value;
                cursor.Fail(DiagnosticCode.NumberTooLarge, token.At, "The number is beyond a 64-bit int.");
            }
        }
        else cursor.Unexpected("a number or a duration");
        return negative ? Numbers.Negated(value) : value;
    }

    private static string Example(RangeFunction function) => function switch
    {
        RangeFunction.QuantileOverTime => "quantile_over_time(duration, 0.99)",
        RangeFunction.HistogramOverTime => "histogram_over_time(duration)",
        RangeFunction.MinOverTime => "min_over_time(duration)",
        RangeFunction.MaxOverTime => "max_over_time(duration)",
        RangeFunction.SumOverTime => "sum_over_time(duration)",
        _ => "avg_over_time(duration)",
    };
}
