using System.Runtime.InteropServices;
using System.Text;

namespace Waybill.Engine.Host;

/// <summary>Texts as pointers and lengths of UTF-8 in one piece of native memory; each text also ends in NUL.</summary>
internal sealed unsafe class NativeText : IDisposable
{
    public NativeText(ReadOnlySpan<string> texts)
    {
        int tables = texts.Length * (sizeof(byte*) + sizeof(nuint));
        int bytes = 0;
        foreach (string text in texts) bytes = checked(bytes + Encoding.UTF8.GetByteCount(text) + 1);

        Pointers = (byte**)NativeMemory.Alloc((nuint)(tables + bytes + 1));
        Lengths = (nuint*)(Pointers + texts.Length);
        byte* at = (byte*)(Lengths + texts.Length);
        for (int i = 0; i < texts.Length; i++)
        {
            int length = Encoding.UTF8.GetBytes(texts[i], new Span<byte>(at, bytes));
            Pointers[i] = at;
            Lengths[i] = (nuint)length;
            at[length] = 0;
            at += length + 1;
            bytes -= length + 1;
        }
    }

    public byte** Pointers { get; private set; }

    public nuint* Lengths { get; }

    public void Dispose()
    {
        NativeMemory.Free(Pointers);
        Pointers = null;
    }
}
