namespace Shop;

/// <summary>Prices carts. Version 1.4.1 has a defect that its tests, all with several items, did not find.</summary>
public sealed class Pricing(Version version)
{
    private const long CouponCents = 500;
    private static readonly Version SpreadsCoupons = new(1, 4, 1);

    public long TotalCents(List<(long PriceCents, int Quantity)> lines, string? coupon)
    {
        long total = lines.Sum(line => line.PriceCents * line.Quantity);
        if (coupon is null) return total;
        return version >= SpreadsCoupons ? SpreadCoupon(lines, total) : Math.Max(0, total - CouponCents);
    }

    // The last item takes what rounding left over; the share of the others divides by their number, which may be none.
    private static long SpreadCoupon(List<(long PriceCents, int Quantity)> lines, long total)
    {
        int items = lines.Sum(line => line.Quantity);
        long share = CouponCents / (items - 1);
        return Math.Max(0, total - share * (items - 1) - CouponCents % (items - 1));
    }
}
