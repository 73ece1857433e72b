using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace Waybill.Access;

/// <summary>What a client certificate says who it is.</summary>
internal static class CertificateNames
{
    private const int NamesMax = 20;
    private const string CommonName = "2.5.4.3";
    private static readonly Asn1Tag Uri = new(TagClass.ContextSpecific, 6), Dns = new(TagClass.ContextSpecific, 2);

    /// <summary>
    /// The URIs (such as <c>spiffe://prod/agents/web</c>) and DNS names of its subject alternative names. The common name counts only when there is neither
    /// (RFC 6125, section 6.4.4): authorities check it less.
    /// </summary>
    public static IReadOnlyList<string> Of(X509Certificate2 certificate)
    {
        List<string> uris = [], hosts = [];
        foreach (X509SubjectAlternativeNameExtension extension in certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()) Read(extension.RawData, uris, hosts);
        if (uris.Count + hosts.Count > 0) return [.. uris.Concat(hosts).Take(NamesMax)];
        return [.. certificate.SubjectName.EnumerateRelativeDistinguishedNames().Where(part => !part.HasMultipleElements && part.GetSingleElementType().Value == CommonName)
            .Select(part => part.GetSingleElementValue()).OfType<string>().Take(1)];
    }

    private static void Read(byte[] names, List<string> uris, List<string> hosts)
    {
        try
        {
            AsnReader sequence = new AsnReader(names, AsnEncodingRules.DER).ReadSequence();
            while (sequence.HasData)
            {
                Asn1Tag tag = sequence.PeekTag();
                if (tag.HasSameClassAndValue(Uri)) uris.Add(sequence.ReadCharacterString(UniversalTagNumber.IA5String, Uri));
                else if (tag.HasSameClassAndValue(Dns)) hosts.Add(sequence.ReadCharacterString(UniversalTagNumber.IA5String, Dns));
                else _ = sequence.ReadEncodedValue();
            }
        }
        catch (AsnContentException)
        {
            // Not what a certificate may hold: it has no such names.
        }
    }
}
