// A verifier of transparency logs that shares no code with Firebreak: the note and tlog packages of the Go project, which
// check the Go checksum database.
//
//	foreign verify DIR VKEY          the checkpoint is signed, the tiles hash to it, the entries to the tiles
//	foreign include PROOF LEAF VKEY  an inclusion proof (c2sp.org/tlog-proof) of the entry in the file LEAF
//	foreign extend PROOF OLD VKEY    a consistency proof from the checkpoint in the file OLD
//	foreign make DIR NAME SIZE OLD   a log of its own, with checkpoints at two sizes; prints the verifier key
package main

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

func main() {
	if len(os.Args) < 4 {
		fail(fmt.Errorf("usage: verify | include | extend | make"))
	}
	args := os.Args[2:]
	switch os.Args[1] {
	case "verify":
		fail(verify(args[0], args[1]))
	case "include":
		fail(include(args[0], args[1], args[2]))
	case "extend":
		fail(extend(args[0], args[1], args[2]))
	case "make":
		fail(makeLog(args[0], args[1], number(args[2]), number(args[3])))
	default:
		fail(fmt.Errorf("no command %s", os.Args[1]))
	}
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func number(text string) int64 {
	value, err := strconv.ParseInt(text, 10, 64)
	fail(err)
	return value
}

// openCheckpoint reads origin, size and root out of a note that the key has signed (c2sp.org/tlog-checkpoint).
func openCheckpoint(text []byte, vkey string) (tlog.Tree, error) {
	verifier, err := note.NewVerifier(strings.TrimSpace(vkey))
	if err != nil {
		return tlog.Tree{}, err
	}
	opened, err := note.Open(text, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		return tlog.Tree{}, fmt.Errorf("not a checkpoint of %s", verifier.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

// tilePath is that of c2sp.org/tlog-tiles, which leaves out the height and calls entries by their name.
func tilePath(tile tlog.Tile) string {
	path := strings.TrimPrefix(tile.Path(), "tile/8/")
	return "tile/" + strings.Replace(path, "data/", "entries/", 1)
}

func pathOf(dir string, tile tlog.Tile) string {
	return filepath.Join(dir, tilePath(tile))
}

// verify makes the tree anew out of the entries, and holds every tile and the signed root against it.
func verify(dir, vkey string) error {
	text, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	if err != nil {
		return err
	}
	tree, err := openCheckpoint(text, vkey)
	if err != nil {
		return err
	}
	var leaves [][]byte
	for start := int64(0); start < tree.N; start += 1 << height {
		bundle, err := readBundle(dir, start, least(tree.N-start, 1<<height))
		if err != nil {
			return err
		}
		leaves = append(leaves, bundle...)
	}
	hashes, err := hashLog(leaves)
	if err != nil {
		return err
	}
	for _, tile := range tilesOf(tree.N) {
		want, err := tlog.ReadTileData(tile, hashes)
		if err != nil {
			return err
		}
		got, err := os.ReadFile(pathOf(dir, tile))
		if err != nil {
			return err
		}
		if !bytes.Equal(got, want) {
			return fmt.Errorf("%s does not hold the hashes of the entries", tilePath(tile))
		}
	}
	root, err := tlog.TreeHash(tree.N, hashes)
	if err != nil {
		return err
	}
	if root != tree.Hash {
		return fmt.Errorf("the entries do not hash to the signed root")
	}
	fmt.Printf("%d %s\n", tree.N, tree.Hash)
	return nil
}

func readBundle(dir string, start, width int64) ([][]byte, error) {
	tile := tlog.Tile{H: height, L: -1, N: start >> height, W: int(width)}
	data, err := os.ReadFile(pathOf(dir, tile))
	if err != nil {
		return nil, err
	}
	var leaves [][]byte
	for len(data) > 0 {
		if len(data) < 2 || len(data)-2 < int(binary.BigEndian.Uint16(data)) {
			return nil, fmt.Errorf("the bundle at %d is cut off", start)
		}
		length := int(binary.BigEndian.Uint16(data))
		leaves = append(leaves, data[2:2+length])
		data = data[2+length:]
	}
	if int64(len(leaves)) != width {
		return nil, fmt.Errorf("the bundle at %d has %d entries, not %d", start, len(leaves), width)
	}
	return leaves, nil
}

// readProof gives the lines above the blank one, and the tree of the checkpoint below it.
func readProof(file, vkey string) ([]string, tlog.Tree, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, tlog.Tree{}, err
	}
	head, checkpoint, found := bytes.Cut(text, []byte("\n\n"))
	if !found {
		return nil, tlog.Tree{}, fmt.Errorf("no checkpoint in the proof")
	}
	tree, err := openCheckpoint(checkpoint, vkey)
	return strings.Split(string(head), "\n"), tree, err
}

func parseHashes(lines []string) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(lines))
	for i, line := range lines {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return nil, err
		}
		hashes[i] = hash
	}
	return hashes, nil
}

func include(file, leafFile, vkey string) error {
	lines, tree, err := readProof(file, vkey)
	if err != nil {
		return err
	}
	leaf, err := os.ReadFile(leafFile)
	if err != nil {
		return err
	}
	if lines[0] != "c2sp.org/tlog-proof@v1" {
		return fmt.Errorf("not a proof: %s", lines[0])
	}
	rest := lines[1:]
	if strings.HasPrefix(rest[0], "extra ") {
		if _, err := base64.StdEncoding.DecodeString(rest[0][len("extra "):]); err != nil {
			return err
		}
		rest = rest[1:]
	}
	index := number(strings.TrimPrefix(rest[0], "index "))
	hashes, err := parseHashes(rest[1:])
	if err != nil {
		return err
	}
	return tlog.CheckRecord(hashes, tree.N, tree.Hash, index, tlog.RecordHash(leaf))
}

func extend(file, oldFile, vkey string) error {
	lines, tree, err := readProof(file, vkey)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(oldFile)
	if err != nil {
		return err
	}
	old, err := openCheckpoint(text, vkey)
	if err != nil {
		return err
	}
	if lines[0] != fmt.Sprintf("old %d", old.N) {
		return fmt.Errorf("the proof starts at %s, the checkpoint at %d", lines[0], old.N)
	}
	hashes, err := parseHashes(lines[1:])
	if err != nil {
		return err
	}
	return tlog.CheckTree(hashes, tree.N, tree.Hash, old.N, old.Hash)
}

// memory keeps the hashes of the log that is being made, as tlog numbers them.
type memory []tlog.Hash

func (m memory) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		hashes[i] = m[index]
	}
	return hashes, nil
}

// tilesOf leaves out the partial tiles that a log of this size has no more.
func tilesOf(size int64) []tlog.Tile {
	var tiles []tlog.Tile
	for _, tile := range tlog.NewTiles(height, 0, size) {
		if last := len(tiles) - 1; last >= 0 && tiles[last].L == tile.L && tiles[last].N == tile.N {
			tiles = tiles[:last]
		}
		tiles = append(tiles, tile)
	}
	return tiles
}

func hashLog(leaves [][]byte) (memory, error) {
	var hashes memory
	for i, leaf := range leaves {
		more, err := tlog.StoredHashes(int64(i), leaf, hashes)
		if err != nil {
			return nil, err
		}
		hashes = append(hashes, more...)
	}
	return hashes, nil
}

func makeLog(dir, name string, size, old int64) error {
	var leaves [][]byte
	for i := int64(0); i < size; i++ {
		// No text of any kind: a log may hold what it likes.
		leaves = append(leaves, []byte(fmt.Sprintf("entry %d \xff\x00", i)))
	}
	hashes, err := hashLog(leaves)
	if err != nil {
		return err
	}
	skey, vkey, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		return err
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		return err
	}
	for _, tile := range tilesOf(size) {
		data, err := tlog.ReadTileData(tile, hashes)
		if err != nil {
			return err
		}
		if err := write(pathOf(dir, tile), data); err != nil {
			return err
		}
	}
	for start := int64(0); start < size; start += 1 << height {
		width := least(size-start, 1<<height)
		var bundle []byte
		for _, leaf := range leaves[start : start+width] {
			bundle = binary.BigEndian.AppendUint16(bundle, uint16(len(leaf)))
			bundle = append(bundle, leaf...)
		}
		tile := tlog.Tile{H: height, L: -1, N: start >> height, W: int(width)}
		if err := write(pathOf(dir, tile), bundle); err != nil {
			return err
		}
	}
	for file, at := range map[string]int64{"checkpoint": size, "checkpoint.old": old} {
		root, err := tlog.TreeHash(at, hashes)
		if err != nil {
			return err
		}
		text := fmt.Sprintf("%s\n%d\n%s\n", name, at, root)
		signed, err := note.Sign(&note.Note{Text: text}, signer)
		if err != nil {
			return err
		}
		if err := write(filepath.Join(dir, file), signed); err != nil {
			return err
		}
	}
	fmt.Println(vkey)
	return writeProofs(dir, leaves, hashes, size, old)
}

// writeProofs leaves a proof of the middle entry and one of the growth, in the forms of C2SP.
func writeProofs(dir string, leaves [][]byte, hashes memory, size, old int64) error {
	checkpoint, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	if err != nil {
		return err
	}
	index := size / 2
	record, err := tlog.ProveRecord(size, index, hashes)
	if err != nil {
		return err
	}
	tree, err := tlog.ProveTree(size, old, hashes)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("c2sp.org/tlog-proof@v1\nindex %d\n%s\n%s", index, lines(record), checkpoint)
	if err := write(filepath.Join(dir, "entry.tlog-proof"), []byte(text)); err != nil {
		return err
	}
	if err := write(filepath.Join(dir, "entry"), leaves[index]); err != nil {
		return err
	}
	text = fmt.Sprintf("old %d\n%s\n%s", old, lines(tree), checkpoint)
	return write(filepath.Join(dir, "growth"), []byte(text))
}

func lines(hashes []tlog.Hash) string {
	var text strings.Builder
	for _, hash := range hashes {
		text.WriteString(hash.String() + "\n")
	}
	return text.String()
}

func write(file string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, data, 0o644)
}

func least(a, b int64) int64 {
	if a < b {
		return a
	}
	return b
}
