namespace Waybill.Ledger;

/// <summary>Checks proofs of an RFC 6962 tree; needs nothing but what it is given. Forged or malformed proofs are false, never an exception.</summary>
public static class Proof
{
    /// <summary>Whether <paramref name="leaf"/> is entry <paramref name="index"/> of the tree of <paramref name="size"/> entries under <paramref name="root"/>.</summary>
    public static bool Includes(long index, long size, Digest leaf, IReadOnlyList<Digest> proof, Digest root)
    {
        if (index < 0 || index >= size) return false;
        long at = index, last = size - 1;
        Digest hash = leaf;
        foreach (Digest sibling in proof)
        {
            if (last == 0) return false;
            if ((at & 1) == 1 || at == last)
            {
                hash = Digest.OfNode(sibling, hash);
                if ((at & 1) == 0) ClimbToRightChild(ref at, ref last);
            }
            else hash = Digest.OfNode(hash, sibling);
            at >>= 1;
            last >>= 1;
        }
        return last == 0 && hash == root;
    }

    /// <summary>Whether the tree of <paramref name="newSize"/> entries begins with the one of <paramref name="oldSize"/>. Nothing can be shown of an empty old tree.</summary>
    public static bool IsConsistent(long oldSize, long newSize, IReadOnlyList<Digest> proof, Digest oldRoot, Digest newRoot)
    {
        if (oldSize < 1 || oldSize > newSize) return false;
        if (oldSize == newSize) return proof.Count == 0 && oldRoot == newRoot;
        bool wholeTree = long.IsPow2(oldSize);
        if (!wholeTree && proof.Count == 0) return false;

        long at = oldSize - 1, last = newSize - 1;
        while ((at & 1) == 1)
        {
            at >>= 1;
            last >>= 1;
        }
        Digest old = wholeTree ? oldRoot : proof[0], grown = old;
        for (int i = wholeTree ? 0 : 1; i < proof.Count; i++)
        {
            if (last == 0) return false;
            if ((at & 1) == 1 || at == last)
            {
                old = Digest.OfNode(proof[i], old);
                grown = Digest.OfNode(proof[i], grown);
                if ((at & 1) == 0) ClimbToRightChild(ref at, ref last);
            }
            else grown = Digest.OfNode(grown, proof[i]);
            at >>= 1;
            last >>= 1;
        }
        return last == 0 && old == oldRoot && grown == newRoot;
    }

    private static void ClimbToRightChild(ref long at, ref long last)
    {
        do
        {
            at >>= 1;
            last >>= 1;
        }
        while ((at & 1) == 0 && at != 0);
    }
}
