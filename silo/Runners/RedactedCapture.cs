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
    private char[] characters = [];
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
            Keep(redaction.Push(characters.AsSpan(0, n)));
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
                Keep(redaction.Finish());
            }
        }
    }

    /// <summary>What is kept, as text.</summary>
    public string Text => Encoding.UTF8.GetString(kept.ToArray());

    /// <summary>Writes what is kept.</summary>
    public Task WriteAsync(Stream target, CancellationToken cancellationToken) =>
        kept.WriteAsync(target, cancellationToken);

    private void Keep(string text) => kept.Add(Encoding.UTF8.GetBytes(text));
}
