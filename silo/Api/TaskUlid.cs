using System.Security.Cryptography;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Silo.Api;

/// <summary>New ids: <c>task_</c> + ULID, sortable by time.</summary>
internal static class TaskUlid
{
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    /// <summary>An id for this instant; 80 random bits.</summary>
    public static string New(DateTimeOffset now)
    {
        Span<char> text = stackalloc char[26];
        var time = now.ToUnixTimeMilliseconds();
        for (var i = 9; i >= 0; i--)
        {
            text[i] = Alphabet[(int)(time & 31)];
            time >>= 5;
        }
        for (var i = 10; i < 26; i++)
        {
            text[i] = Alphabet[RandomNumberGenerator.GetInt32(32)];
        }
        return string.Concat(TaskIds.Prefix, text);
    }
}
