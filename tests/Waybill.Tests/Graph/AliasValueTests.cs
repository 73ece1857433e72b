namespace Waybill.Graph;

public sealed class AliasValueTests
{
    [Fact]
    public void A_text_and_a_number_are_one_id_and_an_array_is_each_of_its_texts()
    {
        Assert.Equal(["ord-1"], AliasValue.Of('s', "ord-1"));
        Assert.Equal(["42"], AliasValue.Of('i', "42"));
        Assert.Equal(["a", "b"], AliasValue.Of('j', """["a","b",3]"""));
        Assert.Empty(AliasValue.Of('s', ""));
        Assert.Empty(AliasValue.Of('b', "true"));
        Assert.Empty(AliasValue.Of('j', """{"a":"b"}"""));
    }
}
