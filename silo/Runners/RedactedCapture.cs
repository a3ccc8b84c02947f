using System.Buffers;
using System.Text;
using Orchestrator.Decisions.Redaction;

namespace Orchestrator.Silo.Runners;

/// <summary>
/// Head and tail of a child's output, redacted as it comes: before anything is left out, so that no half of a secret
/// stands where the text was cut. Thread-safe.
/// </summary>
/// <param name="bytesMax">Most bytes kept.</param>
/// <param name="redactor">Redacts.</param>
internal sealed class RedactedCapture(int bytesMax, Redactor redactor)
{
    private readonly HeadAndTail kept = new(bytesMax);
    private readonly Decoder decoder = Encoding.UTF8.GetDecoder();
    private readonly RedactionStream redaction = redactor.Stream();
    private readonly Lock gate = new();
    private readonly ArrayBufferWriter<char> safe = new();
    private char[] characters = [];
    private byte[] encoded = [];
    private bool finished;

    /// <summary>Takes bytes of UTF-8, cut anywhere; nothing once it is finished.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        lock (gate)
        {
            if (finished)
            {
                return;
            }
            var most = Encoding.UTF8.GetMaxCharCount(bytes.Length);
            if (characters.Length < most)
            {
                characters = new char[most];
            }
            var n = decoder.GetChars(bytes, characters, flush: false);
            redaction.Push(characters.AsSpan(0, n), safe);
            KeepSafe();
        }
    }

    /// <summary>The output ended, or nobody waits for its end any more: takes what was held back.</summary>
    public void Finish()
    {
        lock (gate)
        {
            if (!finished)
            {
                finished = true;
                redaction.Finish(safe);
                KeepSafe();
            }
        }
    }

    /// <summary>What is kept, as text.</summary>
    public string Text => Encoding.UTF8.GetString(kept.ToArray());

    /// <summary>Writes what is kept.</summary>
    public Task WriteAsync(Stream target, CancellationToken cancellationToken) =>
        kept.WriteAsync(target, cancellationToken);

    // An agent may write hundreds of megabytes: its output passes through buffers that are used again.
    private void KeepSafe()
    {
        var most = Encoding.UTF8.GetMaxByteCount(safe.WrittenCount);
        if (encoded.Length < most)
        {
            encoded = new byte[most];
        }
        kept.Add(encoded.AsSpan(0, Encoding.UTF8.GetBytes(safe.WrittenSpan, encoded)));
        safe.ResetWrittenCount();
    }
}
