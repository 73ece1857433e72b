using System.Collections.Frozen;
using System.Text;

namespace Waybill.Redaction.Detection;

/// <summary>Words that say what a number near them is, and words that say it is none: an order's id is no card, whatever its check digit.</summary>
internal static class Hints
{
    /// <summary>How far before a number its words are looked for.</summary>
    private const int Reach = 56;

    /// <summary>In the table below: the number is an id, a time or a count.</summary>
    private const ulong No = 1UL << 63;

    private static readonly ulong NationalIds = Mask(Detector.UsSsn, Detector.UkNino, Detector.DeSteuerId, Detector.FrNir, Detector.EsDni, Detector.NlBsn,
        Detector.ItCodiceFiscale, Detector.PlPesel, Detector.BrCpf, Detector.InAadhaar, Detector.CaSin, Detector.SePersonnummer, Detector.ChAhv, Detector.FiHetu);

    private static readonly FrozenDictionary<string, ulong> ByWord = Table();
    private static readonly FrozenDictionary<string, ulong>.AlternateLookup<ReadOnlySpan<char>> ByChars = ByWord.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>What the words of a key say.</summary>
    public static ulong OfKey(ReadOnlySpan<byte> key)
    {
        ulong hints = 0, last = 0;
        Span<byte> room = stackalloc byte[Words.LengthMax];
        for (int at = 0; at < key.Length;)
        {
            int start = at;
            while (at < key.Length && IsPart(key[at])) at++;
            if (at > start) hints |= OfWhole(key[start..at]);
            at++;
        }
        var words = new Words(key, room);
        while (words.Next())
        {
            last = Of(words.Current);
            hints |= last;
        }
        // payment_id, card_ref: an id of ours. tax_id, national_id: still a person's.
        if ((last & No) != 0) hints &= ~Mask(Detector.PaymentCard, Detector.Phone);
        return hints & ~No;
    }

    /// <summary>What the nearest words before a number say; a word that says no hides those before it.</summary>
    public static ulong Before(ReadOnlySpan<byte> text, int start)
    {
        Span<byte> room = stackalloc byte[Words.LengthMax];
        ulong hints = 0;
        int at = start, end = Math.Max(0, start - Reach);
        while (at > end)
        {
            int last = at;
            while (last > end && !IsPart(text[last - 1])) last--;
            int first = last;
            while (first > end && IsPart(text[first - 1])) first--;
            if (first == last) break;
            var words = new Words(text[first..last], room);
            ulong ofWord = OfWhole(text[first..last]);
            if (ofWord == 0) while (words.Next()) ofWord |= Of(words.Current);
            if ((ofWord & No) != 0)
            {
                // Only the nearest meaning counts: "id of the card 4111…" is a card, "card of order 4111…" is an order.
                // National ids are called ids themselves.
                return hints != 0 ? hints : OnlyNationalIds(text, first, end, room);
            }
            hints |= ofWord;
            at = first;
        }
        return hints;
    }

    private static ulong OnlyNationalIds(ReadOnlySpan<byte> text, int start, int end, Span<byte> room)
    {
        ulong hints = 0;
        var words = new Words(text[end..start], room);
        while (words.Next()) hints |= Of(words.Current);
        return hints & NationalIds;
    }

    private static bool IsPart(byte c) => Characters.IsAlphanumeric(c) || c >= 0x80;

    /// <summary>A word as it stands, whatever its capitals: IdNr, cardNumber.</summary>
    private static ulong OfWhole(ReadOnlySpan<byte> word)
    {
        Span<byte> lower = stackalloc byte[Words.LengthMax];
        if (word.Length > Words.LengthMax) return 0;
        for (int i = 0; i < word.Length; i++) lower[i] = Characters.Lower(word[i]);
        return Of(lower[..word.Length]);
    }

    private static ulong Of(ReadOnlySpan<byte> word)
    {
        Span<char> chars = stackalloc char[Words.LengthMax];
        if (!Encoding.UTF8.TryGetChars(word, chars, out int length)) return 0;
        return ByChars.TryGetValue(chars[..length], out ulong hints) ? hints : 0;
    }

    private static ulong Mask(params ReadOnlySpan<Detector> detectors)
    {
        ulong mask = 0;
        foreach (var detector in detectors) mask |= detector.Bit();
        return mask;
    }

    private static FrozenDictionary<string, ulong> Table()
    {
        var table = new Dictionary<string, ulong>(StringComparer.Ordinal);
        Add(Mask(Detector.PaymentCard), "card cards cc ccn ccnum ccnumber pan credit debit visa mastercard amex maestro discover jcb diners payment pay pays paid charge charged charging " +
            "cardholder cardnumber cardno creditcard cvv cvc karte kreditkarte carte tarjeta carta checkout billing purchase refund refunded");
        Add(Mask(Detector.Phone), "phone phones tel telephone mobile cell cellphone call called calling caller callee fax sms msisdn whatsapp contact dial phonenumber telefon telefono telefone " +
            "handy mobil mobiltelefon texted");
        Add(Mask(Detector.UsSsn), "ssn social socialsecurity socialsecuritynumber itin");
        Add(Mask(Detector.UkNino, Detector.CaSin), "insurance");
        Add(Mask(Detector.UkNino), "nino");
        Add(Mask(Detector.DeSteuerId), "steuer steuerid steuernummer idnr tin steueridentifikationsnummer identifikationsnummer steueridnr");
        Add(Mask(Detector.FrNir), "nir insee secu vitale");
        Add(Mask(Detector.EsDni), "dni nie nif");
        Add(Mask(Detector.NlBsn), "bsn burgerservicenummer sofinummer sofi");
        Add(Mask(Detector.ItCodiceFiscale), "codice fiscale codicefiscale");
        Add(Mask(Detector.PlPesel), "pesel");
        Add(Mask(Detector.BrCpf), "cpf");
        Add(Mask(Detector.InAadhaar), "aadhaar aadhar adhaar uidai");
        Add(Mask(Detector.CaSin), "sin nas");
        Add(Mask(Detector.SePersonnummer), "personnummer personnr pnr samordningsnummer");
        Add(Mask(Detector.ChAhv), "ahv avs");
        Add(Mask(Detector.FiHetu), "hetu henkilotunnus henkilötunnus");
        Add(NationalIds, "national nationalid citizen taxpayer taxid tax identity");
        Add(No, "id ids uuid guid order orders trace span ref reference invoice ticket request requests transaction txn tx session offset timestamp ts time epoch millis ms ns us seq sequence " +
            "version build serial sku tracking batch shard partition port size bytes count total duration elapsed latency hash digest checksum commit sha revision run job pid tid thread");
        return table.ToFrozenDictionary(StringComparer.Ordinal);

        void Add(ulong hints, string words)
        {
            foreach (string word in words.Split(' ')) table[word] = table.GetValueOrDefault(word) | hints;
        }
    }
}
