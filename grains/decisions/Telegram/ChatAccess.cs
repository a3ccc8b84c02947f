using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.Decisions.Telegram;

/// <summary>Why somebody gets no answer, or another than they asked for.</summary>
public enum AccessVerdict
{
    /// <summary>They may.</summary>
    Granted = 0,

    /// <summary>The bot does not know them.</summary>
    Stranger = 1,

    /// <summary>They are known, and the chat is not one that the bot talks in.</summary>
    ForeignChat = 2,

    /// <summary>Their role is too small.</summary>
    RoleTooSmall = 3,
}

/// <summary>Who may do what. Closed by default: whom neither the settings nor a pairing name gets nothing.</summary>
public static class ChatAccess
{
    private const string Requesters = "telegram:";

    // No letter or digit that looks like another one.
    private const string CodeLetters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

    /// <summary>Digits of a pairing code.</summary>
    public const int CodeLength = 10;

    /// <summary>The requester's name that policies and journal know a user by.</summary>
    public static string RequesterOf(long user) =>
        Requesters + user.ToString(CultureInfo.InvariantCulture);

    /// <summary>The user behind a requester's name; null when it is none of ours.</summary>
    public static long? UserOf(string requester)
    {
        ArgumentNullException.ThrowIfNull(requester);
        return
            requester.StartsWith(Requesters, StringComparison.Ordinal)
            && long.TryParse(
                requester.AsSpan(Requesters.Length),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var user
            )
            ? user
            : null;
    }

    /// <summary>Whether somebody may.</summary>
    /// <param name="update">Who and where.</param>
    /// <param name="role">Their role.</param>
    /// <param name="needed">The role that it takes.</param>
    /// <param name="chats">Groups that the bot talks in.</param>
    public static AccessVerdict Judge(
        ChatUpdate update,
        ChatRole role,
        ChatRole needed,
        IReadOnlyCollection<long> chats
    )
    {
        ArgumentNullException.ThrowIfNull(update);
        ArgumentNullException.ThrowIfNull(chats);
        return role == ChatRole.None ? AccessVerdict.Stranger
            : update.InGroup && !chats.Contains(update.Chat) ? AccessVerdict.ForeignChat
            : role < needed ? AccessVerdict.RoleTooSmall
            : AccessVerdict.Granted;
    }

    /// <summary>True when a task is theirs to see and to act on: their own, or anybody's for the roles that see all.</summary>
    public static bool MaySee(ChatRole role, long user, string requester) =>
        role is ChatRole.Read or ChatRole.Operate || UserOf(requester) == user;

    /// <summary>A role by its name: <c>read</c>, <c>submit</c>, <c>operate</c>; null = none.</summary>
    public static ChatRole? RoleOf(string name) =>
        name switch
        {
            "read" => ChatRole.Read,
            "submit" => ChatRole.Submit,
            "operate" => ChatRole.Operate,
            _ => null,
        };

    /// <summary>A pairing code of random bytes, at least <see cref="CodeLength"/>.</summary>
    public static string CodeOf(ReadOnlySpan<byte> random)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(random.Length, CodeLength);
        var code = new StringBuilder(CodeLength);
        foreach (var b in random[..CodeLength])
        {
            code.Append(CodeLetters[b % CodeLetters.Length]);
        }
        return code.ToString();
    }

    /// <summary>What is stored of a code: SHA-256, hex.</summary>
    public static string HashOf(string code)
    {
        ArgumentNullException.ThrowIfNull(code);
        return Convert.ToHexStringLower(
            SHA256.HashData(Encoding.UTF8.GetBytes(code.Trim().ToUpperInvariant()))
        );
    }
}
