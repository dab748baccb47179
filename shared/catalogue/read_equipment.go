package catalogue

import (
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/intellifit/intellifit/shared/gym"
)

var equipmentColumns = map[string]string{"id": "id", "name": "name", "kind": "kind", "site": "site", "brand": "brand", "model": "model", "installed_on": "installed_on", "count": "count"}

// EquipmentCSV reads the gym's machines and tools with one header line; EquipmentJSON an array with the same names.
func EquipmentCSV(in io.Reader) (Result[gym.Equipment], error) {
	var out Result[gym.Equipment]
	seen := map[string]int{}
	err := eachCSV(in, equipmentColumns, func(line int, row map[string]string) { equipmentRow(&out, seen, line, row) })
	return out, err
}

// EquipmentJSON reads a JSON array of equipment.
func EquipmentJSON(in io.Reader) (Result[gym.Equipment], error) {
	var out Result[gym.Equipment]
	seen := map[string]int{}
	err := eachJSON(in, func(n int, raw json.RawMessage) {
		if row, ok := object(&out, n, raw, equipmentColumns); ok {
			equipmentRow(&out, seen, n, row)
		}
	})
	return out, err
}

func equipmentRow(out *Result[gym.Equipment], seen map[string]int, line int, row map[string]string) {
	before := len(out.Problems)
	e := gym.Equipment{ID: clean(row["id"]), Name: clean(row["name"]), Kind: clean(strings.ToLower(row["kind"])),
		Site: cut(clean(row["site"]), maxName), Brand: cut(clean(row["brand"]), maxName), Model: cut(clean(row["model"]), maxName), Count: 1}
	checkKey(out, line, e.ID, e.Name)
	if first, twice := seen[e.ID]; twice {
		out.problem(line, e.ID, "id", "stands in line %d already", first)
	}
	seen[e.ID] = line
	if e.Kind == "" || len(e.Kind) > maxKind {
		out.problem(line, e.ID, "kind", "must be a word of the exercise catalogue, such as barbell, cable or machine")
	}
	if s := strings.TrimSpace(row["count"]); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 || n > 10_000 {
			out.problem(line, e.ID, "count", "%q must be a whole number from 0 to 10000", cut(s, 20))
		}
		e.Count = n
	}
	if s := strings.TrimSpace(row["installed_on"]); s != "" {
		day, err := time.Parse(time.DateOnly, s)
		if err != nil {
			out.problem(line, e.ID, "installed_on", "%q must be a day such as 2024-05-31", cut(s, 20))
		}
		e.InstalledOn = &day
	}
	if len(out.Problems) == before {
		out.Rows = append(out.Rows, e)
	}
}
