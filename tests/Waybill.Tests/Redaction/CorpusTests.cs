namespace Waybill.Redaction;

/// <summary>Every kind on texts made for it, half of them harmless: see bench/Waybill.Stages/Redaction.</summary>
public sealed class CorpusTests
{
    [Fact]
    public void Every_kind_is_found_and_nothing_else()
    {
        var score = RedactionScore.Of(LabelledCorpus.Make(perKind: 120), RuleSet.Default);
        Assert.All(score.ByKind, kind =>
        {
            Assert.True(kind.Value.Recall >= 0.99, $"{kind.Key}: recall {kind.Value.Recall:P2}, missed {kind.Value.Missed}");
            Assert.True(kind.Value.Precision >= 0.98, $"{kind.Key}: precision {kind.Value.Precision:P2}, wrong {kind.Value.Wrong}");
        });
    }

    [Fact]
    public void What_was_redacted_once_is_not_found_again()
    {
        var redactor = new Redactor(new byte[32]);
        foreach (var text in LabelledCorpus.Make(perKind: 20).Where(text => text.IsSensitive))
        {
            var context = new TextContext(RedactedSignal.Traces, "", text.Key, Carrier.SpanAttribute);
            string once = redactor.Redact(text.Text, context);
            Assert.Equal(once, redactor.Redact(once, context));
        }
    }

    [Fact]
    public void Only_the_sensitive_part_changes()
    {
        var redactor = new Redactor(new byte[32]);
        foreach (var text in LabelledCorpus.Make(perKind: 20))
        {
            var context = new TextContext(RedactedSignal.Traces, "", text.Key, Carrier.SpanAttribute);
            var found = Redactor.Find(text.Text, context, RuleSet.Default);
            string redacted = redactor.Redact(text.Text, context);
            byte[] before = System.Text.Encoding.UTF8.GetBytes(text.Text), after = System.Text.Encoding.UTF8.GetBytes(redacted);
            if (found.Count == 0) Assert.Equal(text.Text, redacted);
            else
            {
                Assert.Equal(before[..found[0].Start], after[..found[0].Start]);
                int tail = before.Length - found[^1].Start - found[^1].Length;
                Assert.Equal(before[^tail..], after[^tail..]);
            }
        }
    }
}
