namespace Waybill.Ledger;

public sealed class SignedNoteTests
{
    // Test vector of C2SP signed-note.
    private const string KeyText = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    private const string Note = "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

    private static readonly NoteSigner Signer = new("waybill.test/ledger", new byte[32]), Other = new("waybill.test/ledger", [.. Enumerable.Repeat((byte)7, 32)]);

    [Fact]
    public void The_standards_own_note_is_signed_by_its_key()
    {
        Assert.True(NoteKey.TryParse(KeyText, out NoteKey? key));
        Assert.Equal(KeyText, key!.ToString());
        Assert.True(SignedNote.Parse(Note)!.IsSignedBy(key));
        Assert.False(SignedNote.Parse(Note.Replace("example message", "example massage", StringComparison.Ordinal))!.IsSignedBy(key));
    }

    [Fact]
    public void A_wrong_signature_of_a_known_key_spoils_the_note_beside_a_right_one()
    {
        const string text = "waybill.test/ledger\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
        string good = Signer.Sign(text), bad = Signer.Sign("another text\n");
        Assert.True(new SignedNote(text, [good]).IsSignedBy(Signer.Key));
        Assert.True(new SignedNote(text, [Other.Sign(text), good]).IsSignedBy(Signer.Key));
        Assert.False(new SignedNote(text, [good, bad]).IsSignedBy(Signer.Key));
        Assert.False(new SignedNote(text, [Other.Sign(text)]).IsSignedBy(Signer.Key));
    }

    [Theory]
    [InlineData("")]
    [InlineData("text\n")]
    [InlineData("text\n\n")]
    [InlineData("text\n\nno dash a b\n")]
    [InlineData("text\n\n— name base64 more\n")]
    [InlineData("te\u0001xt\n\n— name AAAA\n")]
    [InlineData("text\n\n— name AAAA")]
    public void What_is_not_a_note_is_not_read_as_one(string text) => Assert.Null(SignedNote.Parse(text));

    [Fact]
    public void A_witness_signs_what_it_saw_and_when()
    {
        var witness = new NoteSigner("witness.test", [.. Enumerable.Repeat((byte)9, 32)], cosigns: true);
        string text = new Checkpoint("waybill.test/ledger", 3, Digest.OfLeaf([1])).ToString();
        var note = new SignedNote(text, [Signer.Sign(text), witness.Cosign(text, DateTimeOffset.FromUnixTimeSeconds(1_795_341_600))]);
        Assert.True(note.IsSignedBy(witness.Key));
        Assert.True(NoteKey.TryParse(witness.Key.ToString(), out NoteKey? parsed));
        Assert.True(note.IsSignedBy(parsed!));
        Assert.Throws<InvalidOperationException>(() => witness.Sign(text));
    }

    [Fact]
    public void A_checkpoint_says_why_it_is_not_believed()
    {
        string note = new Checkpoint("waybill.test/ledger", 3, Digest.OfLeaf([1])).Signed(Signer);
        Assert.Equal(3, Checkpoint.Open(note, Signer.Key).Checkpoint!.Size);
        Assert.Equal($"it has no valid signature of {Other.Key.Name}+{Other.Key.Id:x8}", Checkpoint.Open(note, Other.Key).Wrong);
        Assert.Equal("it is of the log 'waybill.test/ledger', and the key is of 'elsewhere'", Checkpoint.Open(note, new NoteSigner("elsewhere", new byte[32]).Key).Wrong);
        Assert.Equal("it is not a signed note", Checkpoint.Open("{}", Signer.Key).Wrong);
        Assert.NotNull(Checkpoint.Open(note.Replace("\n3\n", "\n03\n", StringComparison.Ordinal), Signer.Key).Wrong);
    }
}
