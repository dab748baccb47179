package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// The fields of ONNX's messages that we read (onnx.proto3).
const (
	modelGraph       = 7
	graphInitializer = 5
	tensorType       = 2
	tensorName       = 8
	tensorRaw        = 9
	typeFloat        = 1
)

// initializers reads the float tensors of an ONNX model by name.
func initializers(model []byte) (map[string][]float32, error) {
	out := map[string][]float32{}
	err := eachField(model, func(field int, _ uint64, graph []byte) error {
		if field != modelGraph {
			return nil
		}
		return eachField(graph, func(field int, _ uint64, tensor []byte) error {
			if field != graphInitializer {
				return nil
			}
			name, values, err := floats(tensor)
			if values != nil {
				out[name] = values
			}
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read the model: %w", err)
	}
	return out, nil
}

// floats is one tensor; nil values if it is not of float32.
func floats(tensor []byte) (name string, values []float32, err error) {
	var kind uint64
	var raw []byte
	err = eachField(tensor, func(field int, v uint64, b []byte) error {
		switch field {
		case tensorType:
			kind = v
		case tensorName:
			name = string(b)
		case tensorRaw:
			raw = b
		}
		return nil
	})
	if err != nil || kind != typeFloat {
		return name, nil, err
	}
	values = make([]float32, len(raw)/4)
	for i := range values {
		values[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	return name, values, nil
}

// eachField walks over a message of protocol buffers: a number comes as v, anything with a length as b.
func eachField(message []byte, f func(field int, v uint64, b []byte) error) error {
	for len(message) > 0 {
		key, n := binary.Uvarint(message)
		if n <= 0 {
			return errors.New("no key of a field")
		}
		message = message[n:]
		var v uint64
		var b []byte
		switch key & 7 {
		case 0:
			if v, n = binary.Uvarint(message); n <= 0 {
				return errors.New("no number")
			}
		case 1:
			n = 8
		case 2:
			length, m := binary.Uvarint(message)
			if m <= 0 || length > uint64(len(message)-m) {
				return errors.New("a length beyond the end")
			}
			n = m + int(length)
			b = message[m:n]
		case 5:
			n = 4
		default:
			return fmt.Errorf("wire type %d", key&7)
		}
		if n > len(message) {
			return errors.New("a field beyond the end")
		}
		message = message[n:]
		if err := f(int(key>>3), v, b); err != nil {
			return err
		}
	}
	return nil
}
